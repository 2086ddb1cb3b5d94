import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { asText, type InputReader, isList, isObject, type JsonObject } from "../read-input.ts";
import { followReference } from "../resources/references.ts";

/** Protocols that are spoken here; their secure forms are a matter of the address. */
export type AsyncApiProtocol = "http" | "ws" | "mqtt" | "mqtt5";

/** Where messages go to or come from, whatever the version of the document. */
export interface Target {
  readonly protocol: AsyncApiProtocol;
  readonly isSecure: boolean;
  /** Of the server, with scheme, host and path. */
  readonly url: URL;
  /** Path or topic of the channel. */
  readonly address: string;
  /** The operation's bindings for the protocol. */
  readonly bindings: JsonObject;
  /** Where a message carries its correlation id, such as `$message.header#/id`. */
  readonly correlation: string | undefined;
}

/** One server of a document. */
export interface ServerEntry {
  readonly name: string;
  readonly protocol: string;
  /** With `{variables}`. */
  readonly url: string;
  readonly variables: JsonObject;
}

const WHAT = "AsyncAPI document";

/** A configuration failure of an AsyncAPI call. */
export function invalid(why: string) {
  return failure("configuration", { detail: `Cannot do "call: asyncapi": ${why}`, retryable: false });
}

/** A map inside the document, references followed; empty when there is none. */
export function mapAt(document: JsonObject, value: Json | undefined): JsonObject {
  return followReference(WHAT, document, value) ?? {};
}

/** What is the same in both versions of documents: choosing the server and filling in names. */
export interface ResolveTargetParams {
  readonly servers: readonly ServerEntry[];
  readonly address: string;
  readonly parameters: JsonObject;
  readonly bindings: JsonObject;
  readonly message: JsonObject;
}

/**
 * The target behind a channel: the server that the call names, or the first with the wanted protocol.
 *
 * @throws {DurableFailure} `configuration` when there is none that is spoken here
 */
export function resolveTarget(document: JsonObject, reader: InputReader, params: ResolveTargetParams): Target {
  const server = chooseServer(reader, params.servers);
  const given = reader.map("server").variables;
  const variables = isObject(given) ? given : {};
  const { protocol, isSecure } = toProtocol(server.protocol);
  const text = fill(server.url, variables, server.variables, inServer);
  const url = URL.parse(text.includes("://") ? text : `${server.protocol}://${text}`);
  if (url === null || url.hostname === "") throw invalid(`server "${server.name}" has no address (${text})`);
  const isTopic = protocol === "mqtt" || protocol === "mqtt5";
  const message = mapAt(document, firstOf(params.message));
  const correlation = mapAt(document, message.correlationId).location;
  return {
    protocol,
    isSecure,
    url,
    address: fill(params.address, variables, params.parameters, isTopic ? inTopic : inPath),
    bindings: mapAt(document, params.bindings[protocol] ?? (protocol === "mqtt5" ? params.bindings.mqtt : undefined)),
    correlation: typeof correlation === "string" ? correlation : undefined,
  };
}

function firstOf(message: JsonObject): Json {
  return isList(message.oneOf) ? (message.oneOf[0] ?? null) : message;
}

function chooseServer(reader: InputReader, servers: readonly ServerEntry[]): ServerEntry {
  const wanted = reader.map("server").name;
  if (wanted !== undefined) {
    const named = servers.find(({ name }) => name === wanted);
    if (named) return named;
    throw invalid(`the channel has no server "${asText(wanted)}"; it has ${namesOf(servers)}`);
  }
  const protocol = reader.optionalText("protocol");
  const fits = ({ protocol: own }: ServerEntry) =>
    PROTOCOLS[own] !== undefined &&
    (protocol === undefined || own === protocol || PROTOCOLS[own]?.protocol === protocol);
  const found = servers.find(fits);
  if (found) return found;
  throw invalid(
    `the channel has no server for ${protocol ?? "http, ws or mqtt"}; it has ${servers.map((one) => `${one.name} (${one.protocol})`).join(", ") || "none"}`,
  );
}

function namesOf(servers: readonly ServerEntry[]): string {
  return servers.map(({ name }) => name).join(", ") || "none";
}

const PROTOCOLS: Readonly<Record<string, { readonly protocol: AsyncApiProtocol; readonly isSecure: boolean }>> = {
  http: { protocol: "http", isSecure: false },
  https: { protocol: "http", isSecure: true },
  ws: { protocol: "ws", isSecure: false },
  wss: { protocol: "ws", isSecure: true },
  mqtt: { protocol: "mqtt", isSecure: false },
  mqtts: { protocol: "mqtt", isSecure: true },
  "secure-mqtt": { protocol: "mqtt", isSecure: true },
  mqtt5: { protocol: "mqtt5", isSecure: false },
};

function toProtocol(name: string) {
  const found = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined;
  if (found) return found;
  throw invalid(`protocol "${name}" is not spoken here; the protocols are ${Object.keys(PROTOCOLS).join(", ")}`);
}

/** How a value is written where it stands. */
type WriteValue = (value: string, name: string) => string;

/** Replaces `{name}` by the given value or the default that the document declares; it may declare all that are allowed. */
function fill(template: string, given: JsonObject, declared: JsonObject, write: WriteValue): string {
  return template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const entry = Object.hasOwn(declared, name) ? declared[name] : undefined;
    const value = own ?? (isObject(entry) ? entry.default : undefined);
    if (value === undefined || value === null) {
      throw invalid(`"${template}" needs a value for "${name}"; give it in server.variables`);
    }
    const text = asText(value);
    const allowed = isObject(entry) && isList(entry.enum) ? entry.enum.map(asText) : undefined;
    if (allowed && !allowed.includes(text))
      throw invalid(`"${name}" must be one of ${allowed.join(", ")}, not "${text}"`);
    return write(text, name);
  });
}

/** Part of a host or a path of the server: signs that would end it are refused. */
const inServer: WriteValue = (value, name) => {
  if (/^[\w.:~-]*$/.test(value) && !/^\.{1,2}$/.test(value)) return value;
  throw invalid(`"${value}" cannot stand for "${name}" in the address of a server`);
};

/** One segment of a path. */
const inPath: WriteValue = (value, name) => {
  if (!/^\.{1,2}$/.test(value)) return encodeURIComponent(value);
  throw invalid(`"${value}" cannot stand for "${name}" in a path`);
};

/** Part of a topic: wildcards would reach other topics. */
const inTopic: WriteValue = (value, name) => {
  if (!/[+#\0]/.test(value)) return value;
  throw invalid(`"${value}" cannot stand for "${name}" in a topic`);
};
