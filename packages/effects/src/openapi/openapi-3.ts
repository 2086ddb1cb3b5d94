import type { Json } from "@stigmer/durable";
import { asText, isList, isObject, type JsonObject } from "../read-input.ts";
import { followReference } from "../resources/references.ts";
import {
  type FoundOperation,
  invalid,
  type Operation,
  type OperationBody,
  type Parameter,
  type ParameterStyle,
} from "./operation.ts";

/**
 * Reads an operation of OpenAPI 3.0 or 3.1.
 *
 * @param documentUri where relative servers start
 * @throws {DurableFailure} `configuration` for a document that cannot be used
 */
export function readOpenApi(document: JsonObject, found: FoundOperation, documentUri: string | undefined): Operation {
  const { id, method, path, item, operation } = found;
  return {
    id,
    method,
    path,
    server: readServer([operation.servers, item.servers, document.servers], documentUri),
    parameters: found.parameters.flatMap(readParameter),
    body: readBody(document, operation.requestBody),
  };
}

function readServer(places: readonly (Json | undefined)[], documentUri: string | undefined): string {
  const servers = places.find((list) => isList(list) && list.length > 0);
  const urls = isList(servers) ? servers.filter(isObject).map(expandServer) : ["/"];
  for (const url of urls) {
    const absolute = URL.parse(url, documentUri);
    if (absolute?.protocol === "http:" || absolute?.protocol === "https:") return absolute.href.replace(/\/+$/, "");
  }
  throw invalid(`the document has no server with an http address (${urls.join(", ")})`);
}

function expandServer(server: JsonObject): string {
  const variables = isObject(server.variables) ? server.variables : {};
  return String(server.url ?? "/").replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const variable = variables[name];
    const value = isObject(variable) ? variable.default : undefined;
    if (value === undefined) throw invalid(`variable "${name}" of a server in the document has no default`);
    return asText(value);
  });
}

/** @see OpenAPI 3.1 section 4.8.12.2, "Fixed Fields": `form` and `simple` are the defaults */
function readParameter(parameter: JsonObject): readonly Parameter[] {
  const { name, in: place } = parameter;
  if (typeof name !== "string" || (place !== "path" && place !== "query" && place !== "header" && place !== "cookie")) {
    return [];
  }
  const isForm = place === "query" || place === "cookie";
  const style = typeof parameter.style === "string" ? parameter.style : isForm ? "form" : "simple";
  const isExploded = parameter.explode === undefined ? style === "form" : parameter.explode === true;
  const isRequired = parameter.required === true || place === "path";
  return [
    { name, place, isRequired, style: isObject(parameter.content) ? { kind: "json" } : toStyle(style, isExploded) },
  ];
}

function toStyle(style: string, isExploded: boolean): ParameterStyle {
  switch (style) {
    case "deepObject":
      return { kind: "deep" };
    case "label":
      return { kind: "label" };
    case "matrix":
      return { kind: "matrix" };
    case "spaceDelimited":
      return isExploded ? { kind: "repeated" } : { kind: "joined", separator: " " };
    case "pipeDelimited":
      return isExploded ? { kind: "repeated" } : { kind: "joined", separator: "|" };
    case "form":
      return isExploded ? { kind: "repeated" } : { kind: "joined", separator: "," };
    default:
      return { kind: "joined", separator: "," };
  }
}

function readBody(document: JsonObject, entry: Json | undefined): OperationBody | undefined {
  const body = followReference("OpenAPI document", document, entry);
  const content = body && isObject(body.content) ? body.content : undefined;
  if (body === undefined || content === undefined) return undefined;
  return { contentTypes: Object.keys(content), isRequired: body.required === true, name: "body", fields: undefined };
}
