import { toJsonText } from "@stigmer/jq";
import { type Json, property } from "../json.ts";
import type { EventReadMode } from "../model-events.ts";

/** What a listener or a schedule takes from an event: its data, the whole event, or its data as the text it came in. */
export function readEvent(event: Json, mode: EventReadMode): Json {
  if (mode === "envelope") return event;
  const data = property(event, "data") ?? null;
  if (mode === "data") return data;
  const binary = property(event, "data_base64");
  if (typeof binary === "string") return binary;
  return typeof data === "string" ? data : toJsonText(data);
}
