import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import type { HttpScope } from "../http/request-http.ts";
import { type InputReader, isList, isObject, type JsonObject } from "../read-input.ts";
import type { DocumentCache } from "../resources/document-cache.ts";
import { readExternalResource } from "../resources/external-resource.ts";
import { fetchDocument } from "../resources/fetch-resource.ts";

/** Where an agent takes JSON-RPC requests. */
export interface RemoteAgent {
  readonly uri: string;
  readonly authentication: JsonObject;
}

/**
 * The agent behind `agentCard` or `server`. A card at the root of a site is looked up at its well-known path; its
 * authentication is used for the agent too, as long as that is at the same origin.
 *
 * @throws {DurableFailure} `configuration` when there is neither, or the card names no JSON-RPC address
 */
export async function readAgent(reader: InputReader, scope: HttpScope, documents: DocumentCache): Promise<RemoteAgent> {
  if (reader.value("agentCard") === undefined) return readServer(reader);
  const given = readExternalResource("call: a2a: agentCard", reader.value("agentCard"));
  const resource = given.kind === "inline" ? given : { ...given, uri: toCardUri(given.uri) };
  const rewrite = reader.list("rewrite");
  const card = await fetchDocument("agent card", { resource, rewrite, scope }, documents);
  const found = findAddress(card);
  const url = found === undefined ? null : URL.parse(found, resource.uri);
  if (url === null) throw invalid("the agent card names no address for JSON-RPC");
  const isSameOrigin = resource.kind === "remote" && new URL(resource.uri).origin === url.origin;
  return { uri: url.href, authentication: (isSameOrigin ? resource.authentication : undefined) ?? {} };
}

function readServer(reader: InputReader): RemoteAgent {
  const server = reader.value("server");
  if (server === undefined) throw invalid('it needs "agentCard" or "server"');
  const place = readExternalResource("call: a2a: server", isObject(server) ? server : { endpoint: server });
  if (place.kind === "inline") throw invalid('"server" must be an address');
  return { uri: place.uri, authentication: place.authentication ?? {} };
}

function toCardUri(uri: string): string {
  const url = new URL(uri);
  return url.pathname === "/" ? new URL("/.well-known/agent-card.json", url).href : uri;
}

/** `url` and `additionalInterfaces` of protocol 0.3, `supportedInterfaces` of 1.0. */
function findAddress(card: JsonObject): string | undefined {
  const preferred = card.preferredTransport ?? "JSONRPC";
  if (typeof card.url === "string" && preferred === "JSONRPC") return card.url;
  const interfaces: readonly Json[] = [card.additionalInterfaces, card.supportedInterfaces].flatMap((list) =>
    isList(list) ? list : [],
  );
  for (const entry of interfaces) {
    if (!isObject(entry) || typeof entry.url !== "string") continue;
    if ((entry.transport ?? entry.protocolBinding) === "JSONRPC") return entry.url;
  }
  return undefined;
}

function invalid(why: string) {
  return failure("configuration", { detail: `Cannot do "call: a2a": ${why}`, retryable: false });
}
