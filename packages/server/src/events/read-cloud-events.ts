import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject, JsonValue } from "../resources/manifest.ts";
import { checkCloudEvent, invalidEvent } from "./check-cloud-event.ts";

/** Where CloudEvents are taken over plain HTTP. */
export const EVENTS_PATH = "/events";

/** What a request of the HTTP binding carries. */
export type CloudEvents =
  | { readonly kind: "one"; readonly event: JsonObject }
  | { readonly kind: "batch"; readonly events: readonly JsonObject[] };

/** Most events of one batch. */
const BATCH_LIMIT = 1_000;

/** Whether the headers are of the HTTP binding: a media type of CloudEvents, or attributes as `ce-` headers. */
export function isCloudEventRequest(headers: IncomingHttpHeaders): boolean {
  return modeOf(headers) !== undefined;
}

/**
 * The events of a request in structured, batch or binary mode.
 *
 * @throws {StigmerError} INVALID_EVENT with the place
 */
export function readCloudEvents(headers: IncomingHttpHeaders, body: Buffer): CloudEvents {
  switch (modeOf(headers)) {
    case "structured":
      return { kind: "one", event: checkCloudEvent(parseJson(body, "body"), "event") };
    case "batch":
      return { kind: "batch", events: readBatch(parseJson(body, "body")) };
    case "binary":
      return { kind: "one", event: checkCloudEvent(readBinary(headers, body), "event") };
    case undefined:
      throw invalidEvent("headers", "they are of no mode of the HTTP binding");
  }
}

function modeOf(headers: IncomingHttpHeaders): "structured" | "batch" | "binary" | undefined {
  const type = mediaTypeOf(headers);
  if (type === "application/cloudevents+json") return "structured";
  if (type === "application/cloudevents-batch+json") return "batch";
  return headers["ce-specversion"] === undefined ? undefined : "binary";
}

function mediaTypeOf(headers: IncomingHttpHeaders): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function readBatch(value: JsonValue): readonly JsonObject[] {
  if (!Array.isArray(value)) throw invalidEvent("body", "a batch is a list of events");
  if (value.length > BATCH_LIMIT) throw invalidEvent("body", `a batch holds at most ${BATCH_LIMIT} events`);
  return value.map((event, at) => checkCloudEvent(event, `events[${at}]`));
}

function readBinary(headers: IncomingHttpHeaders, body: Buffer): JsonObject {
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith("ce-"))
    .map(([name, value]) => [name.slice(3), decodeHeader(name, String(value))] as const);
  const type = headers["content-type"];
  return {
    ...Object.fromEntries(attributes),
    ...(type === undefined ? {} : { datacontenttype: type }),
    ...dataOf(mediaTypeOf(headers), body),
  };
}

/** Values of `ce-` headers are percent-encoded UTF-8. */
function decodeHeader(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw invalidEvent(`header ${name}`, "it is not percent-encoded UTF-8");
  }
}

function dataOf(type: string, body: Buffer): JsonObject {
  if (body.length === 0) return {};
  if (type === "" || /^(application|text)\/(json|[^;]+\+json)$/.test(type)) return { data: parseJson(body, "body") };
  if (type.startsWith("text/") || type === "application/xml") return { data: decodeText(body) };
  return { data_base64: body.toString("base64") };
}

function parseJson(body: Buffer, place: string): JsonValue {
  const text = decodeText(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidEvent(place, `it is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

function decodeText(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw invalidEvent("body", "it is no UTF-8");
  }
}
