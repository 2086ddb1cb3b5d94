import { asText, type InputReader, isList, isObject, type JsonObject } from "../read-input.ts";
import { invalid, mapAt, resolveTarget, type ServerEntry, type Target } from "./target.ts";

/**
 * The target of a call by a document of AsyncAPI 2: `channel` names it; its operation `publish` or `subscribe` follows
 * from what the call does.
 *
 * @throws {DurableFailure} `configuration` for what the document does not have
 */
export function readAsyncApi2(document: JsonObject, reader: InputReader): Target {
  const name = reader.optionalText("channel");
  const channels = mapAt(document, document.channels);
  const known = Object.keys(channels).join(", ");
  if (name === undefined) throw invalid(`AsyncAPI 2 needs "channel"; the document has ${known}`);
  if (!Object.hasOwn(channels, name)) throw invalid(`the document has no channel "${name}"; it has ${known}`);
  const channel = mapAt(document, channels[name]);
  const operation = mapAt(document, reader.value("message") === undefined ? channel.subscribe : channel.publish);
  const allowed = isList(channel.servers) ? channel.servers.map(asText) : undefined;
  const servers = Object.entries(mapAt(document, document.servers))
    .filter(([server]) => allowed === undefined || allowed.includes(server))
    .map(([server, entry]) => readServer(server, mapAt(document, entry)));
  return resolveTarget(document, reader, {
    servers,
    address: name,
    parameters: readParameters(document, mapAt(document, channel.parameters)),
    bindings: mapAt(document, operation.bindings),
    message: mapAt(document, operation.message),
  });
}

function readServer(name: string, server: JsonObject): ServerEntry {
  return {
    name,
    protocol: asText(server.protocol ?? ""),
    url: asText(server.url ?? ""),
    variables: isObject(server.variables) ? server.variables : {},
  };
}

/** Parameters of version 2 have their default in a schema. */
function readParameters(document: JsonObject, parameters: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, entry]) => [name, mapAt(document, mapAt(document, entry).schema)]),
  );
}
