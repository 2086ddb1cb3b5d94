import type { Json } from "@stigmer/durable";
import type { HttpResponse } from "../http/http-exchange.ts";
import { isObject, type JsonObject } from "../read-input.ts";

/** The JSON-RPC answers in a response, one or a stream of them; what is none is left out. */
export function readAnswers(response: HttpResponse): readonly JsonObject[] {
  const text = response.content.toString("utf8");
  const isStream = response.headers["content-type"]?.toLowerCase().startsWith("text/event-stream") === true;
  const texts = isStream ? readEvents(text) : [text];
  return texts
    .map(parse)
    .filter(
      (value) => isObject(value) && (Object.hasOwn(value, "result") || isObject(value.error)),
    ) as readonly JsonObject[];
}

/** Data of each event. @see HTML Living Standard, "Interpreting an event stream" */
export function readEvents(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n")
    .split(/\n\n+/)
    .flatMap((block) => {
      const lines = block.split("\n").filter((line) => line.startsWith("data:"));
      return lines.length === 0 ? [] : [lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n")];
    });
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
