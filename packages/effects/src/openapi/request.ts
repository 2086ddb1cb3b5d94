import type { Json } from "@stigmer/durable";
import { isJsonType } from "../http/http-body.ts";
import type { JsonObject } from "../read-input.ts";
import { asText, isObject } from "../read-input.ts";
import { toMultipart } from "./multipart.ts";
import { invalid, type Operation, type OperationBody, type Parameter } from "./operation.ts";
import { writePairs, writePath } from "./parameter-styles.ts";

/** The part of an `http` effect's input that an operation decides. */
export interface OperationRequest extends JsonObject {
  readonly method: string;
  readonly uri: string;
  readonly headers: { readonly [name: string]: Json };
}

/**
 * Puts the parameters of a call where its operation wants them. The body is given whole under its name (`body`), or as
 * the parameters that are declared nowhere else.
 *
 * @throws {DurableFailure} `configuration` for missing and unknown parameters
 */
export function buildRequest(operation: Operation, given: JsonObject): OperationRequest {
  const givenAs = (name: string) => (Object.hasOwn(given, name) ? (given[name] ?? undefined) : undefined);
  for (const { name, isRequired } of operation.parameters) {
    if (isRequired && givenAs(name) === undefined)
      throw invalid(`operation "${operation.id}" needs parameter "${name}"`);
  }
  const declared = new Set(operation.parameters.map(({ name }) => name));
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !declared.has(name)));
  const { body, headers } = buildBody(operation, rest);
  const ofPlace = (place: Parameter["place"]) =>
    operation.parameters.filter((parameter) => parameter.place === place && givenAs(parameter.name) !== undefined);
  const pairs = (place: Parameter["place"]) =>
    ofPlace(place).flatMap((parameter) => writePairs(parameter, givenAs(parameter.name) ?? null));
  const query = pairs("query").map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const cookies = pairs("cookie").map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return {
    method: operation.method,
    uri: `${operation.server}${expandPath(operation, givenAs)}${query.length === 0 ? "" : `?${query.join("&")}`}`,
    headers: {
      ...headers,
      ...Object.fromEntries(pairs("header")),
      ...(cookies.length === 0 ? {} : { cookie: cookies.join("; ") }),
    },
    ...(body === undefined ? {} : { body }),
  };
}

function expandPath(operation: Operation, givenAs: (name: string) => Json | undefined): string {
  return operation.path.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const parameter = operation.parameters.find((one) => one.place === "path" && one.name === name);
    const value = givenAs(name);
    if (parameter === undefined || value === undefined) {
      throw invalid(`the path of operation "${operation.id}" needs parameter "${name}", which it does not declare`);
    }
    const text = writePath(parameter, value);
    // A segment of dots would be taken as a step up, whatever way it is encoded.
    if (text === "." || text === "..") throw invalid(`parameter "${name}" must not be "${text}" in a path`);
    return text;
  });
}

function buildBody(operation: Operation, rest: JsonObject): { body?: Json; headers: Readonly<Record<string, string>> } {
  const { body, id } = operation;
  if (body === undefined) {
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw invalid(`operation "${id}" has no parameter "${unknown}"${listed(operation)}`);
    return { headers: {} };
  }
  const value = bodyValue(operation, body, rest);
  if (value === undefined) {
    if (body.isRequired) throw invalid(`operation "${id}" needs a body: give it as parameter "${body.name}"`);
    return { headers: {} };
  }
  const contentType = chooseType(body.contentTypes, value);
  if (contentType === "multipart/form-data" && isObject(value)) {
    const parts = toMultipart(value);
    return { body: parts.text, headers: { "content-type": parts.contentType } };
  }
  const isText = typeof value === "string" && isJsonType(contentType);
  return { body: isText ? JSON.stringify(value) : value, headers: { "content-type": contentType } };
}

function bodyValue({ id }: Operation, body: OperationBody, rest: JsonObject): Json | undefined {
  const names = Object.keys(rest);
  if (names.length === 0) return undefined;
  if (names.length === 1 && names[0] === body.name) return rest[body.name] ?? undefined;
  const unknown = body.fields && names.find((name) => !body.fields?.includes(name));
  if (unknown !== undefined) throw invalid(`operation "${id}" has no parameter "${unknown}"`);
  if (Object.hasOwn(rest, body.name) && body.fields === undefined) {
    const [other] = names.filter((name) => name !== body.name);
    throw invalid(`operation "${id}" has no parameter "${other}" beside its body "${body.name}"`);
  }
  return rest;
}

/** JSON where it is offered, then forms for maps, then whatever comes first; a range such as `text/*` says nothing. */
function chooseType(offered: readonly string[], value: Json): string {
  const concrete = offered.filter((type) => !type.includes("*"));
  const json = concrete.find((type) => isJsonType(type.split(";")[0]?.trim().toLowerCase() ?? ""));
  const text = concrete.find((type) => type.startsWith("text/"));
  if (typeof value === "string" && json === undefined && text !== undefined) return text;
  return (
    json ??
    (isObject(value) ? concrete.find((type) => FORMS.includes(type)) : undefined) ??
    concrete[0] ??
    "application/json"
  );
}

const FORMS: readonly string[] = ["application/x-www-form-urlencoded", "multipart/form-data"];

function listed({ parameters }: Operation): string {
  return parameters.length === 0 ? "" : `; it has ${parameters.map(({ name }) => asText(name)).join(", ")}`;
}
