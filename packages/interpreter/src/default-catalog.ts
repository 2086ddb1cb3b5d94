import type { Json } from "@stigmer/dsl";
import { toJsonText } from "@stigmer/jq";
import type { TaskFrame } from "./frame.ts";
import { property } from "./json.ts";

/** A function that the runtime does itself: from the arguments of a call to its output. */
export type BuiltInFunction = (frame: TaskFrame, input: Json) => Json;

/** The runtime's own catalog, by the names of its functions; every version is this one. */
export const DEFAULT_CATALOG: ReadonlyMap<string, BuiltInFunction> = new Map([["log", log]]);

const LEVELS: ReadonlySet<string> = new Set(["debug", "info", "warn", "error"]);

/** Writes `message` into the event log at `level` (info where there is none); the task's input is the output. */
function log(frame: TaskFrame, input: Json): Json {
  const message = property(input, "message") ?? null;
  const level = String(property(input, "level") ?? "info").toLowerCase();
  const text = typeof message === "string" ? message : toJsonText(message);
  frame.durable.report({ type: "log", data: { level: LEVELS.has(level) ? level : "info", message: text } });
  return frame.input;
}
