import { asText, type InputReader, isList, isObject, type JsonObject } from "../read-input.ts";
import { invalid, mapAt, resolveTarget, type ServerEntry, type Target } from "./target.ts";

/**
 * The target of a call by a document of AsyncAPI 3: `operation` names it, and its channel has the address.
 *
 * @throws {DurableFailure} `configuration` for what the document does not have
 */
export function readAsyncApi3(document: JsonObject, reader: InputReader): Target {
  if (!String(document.asyncapi ?? "").startsWith("3."))
    throw invalid("the document says neither asyncapi 2.x nor 3.x");
  const name = reader.optionalText("operation");
  const operations = mapAt(document, document.operations);
  const known = Object.keys(operations).join(", ");
  if (name === undefined) throw invalid(`AsyncAPI 3 needs "operation"; the document has ${known}`);
  if (!Object.hasOwn(operations, name)) throw invalid(`the document has no operation "${name}"; it has ${known}`);
  const operation = mapAt(document, operations[name]);
  const channel = mapAt(document, operation.channel);
  const messages = isList(operation.messages) ? operation.messages : Object.values(mapAt(document, channel.messages));
  return resolveTarget(document, reader, {
    servers: readServers(document, channel),
    address: typeof channel.address === "string" ? channel.address : "",
    parameters: mapAt(document, channel.parameters),
    bindings: mapAt(document, operation.bindings),
    message: mapAt(document, messages[0]),
  });
}

/** The channel's own servers, all of the document where it lists none. */
function readServers(document: JsonObject, channel: JsonObject): readonly ServerEntry[] {
  const all = Object.entries(mapAt(document, document.servers));
  const listed = isList(channel.servers)
    ? channel.servers.filter(isObject).map((entry) => asText(entry.$ref ?? ""))
    : undefined;
  return all
    .filter(([name]) => listed === undefined || listed.includes(`#/servers/${name}`))
    .map(([name, entry]) => readServer(name, mapAt(document, entry)));
}

function readServer(name: string, server: JsonObject): ServerEntry {
  const protocol = asText(server.protocol ?? "");
  return {
    name,
    protocol,
    url: `${protocol}://${asText(server.host ?? "")}${asText(server.pathname ?? "")}`,
    variables: isObject(server.variables) ? server.variables : {},
  };
}
