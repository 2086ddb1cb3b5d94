import type { Json } from "@stigmer/durable";
import { asText, isList, type JsonObject } from "../read-input.ts";
import {
  type FoundOperation,
  invalid,
  type Operation,
  type OperationBody,
  type Parameter,
  type ParameterStyle,
} from "./operation.ts";

/**
 * Reads an operation of Swagger 2.0.
 *
 * @param documentUri gives scheme and host where the document names none
 * @throws {DurableFailure} `configuration` for a document that cannot be used
 */
export function readSwagger(document: JsonObject, found: FoundOperation, documentUri: string | undefined): Operation {
  const { id, method, path, operation } = found;
  return {
    id,
    method,
    path,
    server: readServer(document, operation, documentUri),
    parameters: found.parameters.flatMap(readParameter),
    body: readBody(found.parameters, textsOf(operation.consumes ?? document.consumes)),
  };
}

function readServer(document: JsonObject, operation: JsonObject, documentUri: string | undefined): string {
  const own = documentUri === undefined ? undefined : URL.parse(documentUri);
  const ownScheme = own?.protocol.replace(/:$/, "") ?? "https";
  const schemes = textsOf(operation.schemes ?? document.schemes);
  const scheme =
    schemes.length === 0 || schemes.includes(ownScheme)
      ? ownScheme
      : (schemes.find((one) => one === "https") ?? schemes.find((one) => one === "http"));
  const host = typeof document.host === "string" ? document.host : own?.host;
  if (scheme === undefined) throw invalid(`the document has no http scheme (${schemes.join(", ")})`);
  if (host === undefined) throw invalid("the document names no host");
  const base = typeof document.basePath === "string" ? document.basePath : "";
  const server = `${scheme}://${host}${base}`.replace(/\/+$/, "");
  if (!URL.canParse(server)) throw invalid(`"${server}" is no address`);
  return server;
}

function readParameter(parameter: JsonObject): readonly Parameter[] {
  const { name, in: place } = parameter;
  if (typeof name !== "string" || (place !== "path" && place !== "query" && place !== "header")) return [];
  const isRequired = parameter.required === true || place === "path";
  return [{ name, place, isRequired, style: toStyle(parameter.collectionFormat) }];
}

function toStyle(format: Json | undefined): ParameterStyle {
  switch (format) {
    case "multi":
      return { kind: "repeated" };
    case "ssv":
      return { kind: "joined", separator: " " };
    case "tsv":
      return { kind: "joined", separator: "\t" };
    case "pipes":
      return { kind: "joined", separator: "|" };
    default:
      return { kind: "joined", separator: "," };
  }
}

function readBody(parameters: readonly JsonObject[], consumes: readonly string[]): OperationBody | undefined {
  const body = parameters.find((parameter) => parameter.in === "body");
  if (body !== undefined) {
    const contentTypes = consumes.length === 0 ? ["application/json"] : consumes;
    return { contentTypes, isRequired: body.required === true, name: asText(body.name ?? "body"), fields: undefined };
  }
  const fields = parameters.filter((parameter) => parameter.in === "formData");
  if (fields.length === 0) return undefined;
  const hasFile = fields.some((field) => field.type === "file");
  const form = hasFile ? "multipart/form-data" : "application/x-www-form-urlencoded";
  const isForm = (type: string) => type === "multipart/form-data" || type === "application/x-www-form-urlencoded";
  return {
    contentTypes: [hasFile ? form : (consumes.find(isForm) ?? form)],
    isRequired: fields.some((field) => field.required === true),
    name: "body",
    fields: fields.map((field) => asText(field.name ?? "")),
  };
}

function textsOf(value: Json | undefined): readonly string[] {
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}
