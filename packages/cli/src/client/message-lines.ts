import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** Longest piece of a tool's arguments or result that is shown. */
const MAX_SHOWN = 200;

/**
 * A message of a conversation as lines for people: the role and the text, a tool call as `tool(arguments)`, a result
 * shortened to one line. A message of an unknown form stands as its JSON.
 */
export function messageLines(message: JsonObject): readonly string[] {
  const role = textOf(message.role) ?? "?";
  const plain = textOf(message.text);
  if (plain !== undefined) return [line(role, plain)];
  const parts = objectsOf(message.parts);
  if (parts !== undefined) return parts.flatMap((part) => partLine(role, part) ?? []);
  const results = objectsOf(message.results);
  if (results !== undefined) return results.map((result) => line(role, describeResult(result)));
  return [line(role, JSON.stringify(message))];
}

function partLine(role: string, part: JsonObject): string | undefined {
  if (part.kind === "call") return line(role, `${textOf(part.name) ?? "?"}(${brief(textOf(part.arguments) ?? "")})`);
  const text = textOf(part.text);
  return part.kind === "text" && text !== undefined && text !== "" ? line(role, text) : undefined;
}

/** A long result is kept as a value of its own: only its digest stands in the message. */
function describeResult({ tool, outcome, text, ref }: JsonObject): string {
  const shown = brief(textOf(text) ?? textOf(ref) ?? "");
  const how = outcome === "ok" ? "" : ` ${textOf(outcome) ?? ""}`;
  return `${textOf(tool) ?? "?"}${how}: ${shown}`;
}

/** Further lines of a text stand below its first. */
function line(role: string, text: string): string {
  return `${role.padEnd(10)} ${text.replaceAll("\n", `\n${" ".repeat(11)}`)}`;
}

function brief(text: string): string {
  const whole = text.replaceAll(/\s+/g, " ").trim();
  return whole.length > MAX_SHOWN ? `${whole.slice(0, MAX_SHOWN - 3)}...` : whole;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function objectsOf(value: JsonValue | undefined): readonly JsonObject[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((item) => (typeof item === "object" && item !== null && !Array.isArray(item) ? [item] : []));
}
