import { StigmerError } from "@stigmer/api";
import type { JsonObject, JsonValue } from "../resources/manifest.ts";

/** RFC 3339, as CloudEvents wants its `time`. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
/** CloudEvents 1.0, section "Naming conventions"; names of its own format may hold an underscore. */
const ATTRIBUTE_NAME = /^[a-z0-9]{1,64}$/;
const TEXT_ATTRIBUTES = ["id", "source", "type", "subject", "datacontenttype", "dataschema", "time"];
/** Deepest data: whoever reads an event later walks it by recursion. */
const MAX_DEPTH = 128;

/**
 * A CloudEvent 1.0 in its JSON form, looked at whole.
 *
 * @param place where it stands in the request, such as `event` or `events[2]`
 * @throws {StigmerError} INVALID_EVENT naming the member
 */
export function checkCloudEvent(value: JsonValue | undefined, place: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidEvent(place, "it is no object");
  for (const name of ["id", "source", "type"]) checkText(value[name], `${place}.${name}`);
  if (value.specversion !== "1.0") {
    throw invalidEvent(`${place}.specversion`, value.specversion === undefined ? "it is missing" : 'it must be "1.0"');
  }
  for (const [name, member] of Object.entries(value)) {
    if (name !== "data" && name !== "data_base64") checkAttribute(name, member, `${place}.${name}`);
  }
  checkData(value, place);
  return value;
}

/** An event that cannot be taken, with the place. */
export function invalidEvent(place: string, problem: string): StigmerError {
  return new StigmerError({ reason: "INVALID_EVENT", message: `Cannot publish the event: ${place}: ${problem}` });
}

function checkText(value: JsonValue | undefined, place: string): void {
  if (value === undefined) throw invalidEvent(place, "it is missing");
  if (typeof value !== "string" || value === "") throw invalidEvent(place, "it must be a text that is not empty");
}

function checkAttribute(name: string, value: JsonValue, place: string): void {
  if (!ATTRIBUTE_NAME.test(name)) throw invalidEvent(place, "names of attributes are small letters and digits");
  if (value === null) return;
  if (typeof value === "object") throw invalidEvent(place, "attributes are texts, whole numbers or booleans");
  if (typeof value === "number" && !Number.isInteger(value)) throw invalidEvent(place, "numbers must be whole");
  if (TEXT_ATTRIBUTES.includes(name)) checkText(value, place);
  if (name === "time" && !isTimestamp(value)) throw invalidEvent(place, "it must be a time of RFC 3339");
}

function isTimestamp(value: JsonValue): boolean {
  return typeof value === "string" && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value));
}

function checkData(event: JsonObject, place: string): void {
  if (depthOf(event.data) > MAX_DEPTH) throw invalidEvent(`${place}.data`, `it is nested more than ${MAX_DEPTH} deep`);
  const { data_base64: base64 } = event;
  if (base64 === undefined) return;
  if (event.data !== undefined) throw invalidEvent(`${place}.data_base64`, "an event has this or data, not both");
  if (typeof base64 === "string" && Buffer.from(base64, "base64").toString("base64") === base64) return;
  throw invalidEvent(`${place}.data_base64`, "it must be a text of base64");
}

/** Levels of lists and maps, counted without recursion. */
function depthOf(value: JsonValue | undefined): number {
  let level: readonly (JsonValue | undefined)[] = [value];
  for (let depth = 0; ; depth++) {
    const inner = level.flatMap((one) => (typeof one === "object" && one !== null ? [Object.values(one)] : []));
    if (inner.length === 0 || depth > MAX_DEPTH) return depth;
    level = inner.flat();
  }
}
