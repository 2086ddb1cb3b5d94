import type { EmitTask, Json, JsonObject } from "@stigmer/dsl";
import { crashClass } from "../crash-class.ts";
import { evaluateValue } from "../data-flow.ts";
import { standardFault } from "../fault.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { isObject } from "../json.ts";
import { remember } from "../remember.ts";
import type { Step } from "../step.ts";

/** Publishes a CloudEvent; the output is the event. */
export function* runEmit(frame: TaskFrame, task: EmitTask): Step<Outcome> {
  const event = yield* remember(frame, () => eventOf(frame, task));
  const call = { key: keyOf(frame), kind: "emit", input: event, crash: crashClass(task, "repeat") };
  return yield* answered(frame, frame.durable.effect(call));
}

/** Attributes that CloudEvents wants as texts with at least one character. */
const TEXT_ATTRIBUTES = ["type", "id", "source", "subject", "time", "datacontenttype", "dataschema"];

function* eventOf(frame: TaskFrame, task: EmitTask): Step<Json> {
  const attributes = yield* evaluateValue(frame, task.emit.event.with);
  const event = completeEvent(frame, isObject(attributes) ? attributes : {});
  const bad = TEXT_ATTRIBUTES.find((name) => !isText(event[name]) && (name === "type" || event[name] !== undefined));
  if (bad === undefined) return event;
  const detail = `Cannot emit an event whose attribute "${bad}" is ${JSON.stringify(event[bad]) ?? "absent"}, not a text`;
  throw standardFault({ error: "validation", detail });
}

function isText(value: Json | undefined): boolean {
  return typeof value === "string" && value !== "";
}

/** Adds what the runtime knows: id, source, time and version; attributes set to null are left out. */
function completeEvent(frame: TaskFrame, attributes: JsonObject): JsonObject {
  const { namespace, name, version } = frame.run.definition.document;
  const given = Object.entries(attributes).filter(([key, value]) => value !== null || key === "data");
  return {
    id: frame.durable.uuid(),
    source: `/${namespace}/${name}/${version}`,
    time: new Date(frame.durable.now()).toISOString(),
    ...Object.fromEntries(given),
    specversion: "1.0",
  };
}
