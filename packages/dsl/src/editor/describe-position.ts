import type { Shape } from "../grammar/shape.ts";
import { TASK } from "../grammar/task-shapes.ts";
import { isObject, type Json } from "../json.ts";
import { TASK_KINDS } from "../tasks.ts";
import type { Position } from "../text/diagnostic.ts";
import type { EditedKind } from "./document-grammar.ts";
import { type Level, leavesOf, levelsTo } from "./shapes-at.ts";
import { offsetAt } from "./text-offsets.ts";
import { readPlaces, type TextRange } from "./yaml-places.ts";

/** What is known about a place. */
export interface PlaceDescription {
  /** Such as `endpoint`, or `task fetch`. */
  readonly title: string;
  /** What it is for. */
  readonly doc: string;
  /** What may stand there, in words. */
  readonly form?: string;
  readonly range: TextRange;
}

/** What stands at a place of a document: the docs of its field, or the kind of its task. */
export function describePosition(text: string, position: Position, kind: EditedKind): PlaceDescription | undefined {
  const places = readPlaces(text);
  const found = places.placeAt(offsetAt(text, position));
  if (found === undefined) return undefined;
  const { place, on } = found;
  const range = on === "key" && place.key !== undefined ? place.key : place.value;
  const level = levelsTo(places.value, place.path, kind).at(-1);
  if (level === undefined) return undefined;
  if (on === "key" && isTask(level)) return { ...describeTask(level), range };
  const [first] = level.fields;
  if (first === undefined) return undefined;
  const { field } = first;
  const docs = [...new Set(level.fields.map((one) => one.field.doc))];
  const form = describeShapes(level.shapes);
  const isRequired = level.fields.every((one) => one.field.isRequired);
  return {
    title: `${field.name}${isRequired ? " (required)" : ""}`,
    doc: docs.slice(0, 3).join(" "),
    ...(form === "" ? {} : { form }),
    range,
  };
}

function isTask({ shapes, fields }: Level): boolean {
  return fields.length === 0 && shapes.some((shape) => shape.kind === "lazy" && shape.get() === TASK);
}

function describeTask({ path, value }: Level): { readonly title: string; readonly doc: string } {
  const kind = kindOfTask(value);
  const title = `task ${path.at(-1)}`;
  return kind === undefined
    ? { title, doc: "Does nothing yet: it has no field that says what it does." }
    : { title: `${title}: ${kind}`, doc: docOfKind(kind) };
}

function kindOfTask(value: Json | undefined): string | undefined {
  return isObject(value) ? TASK_KINDS.find((kind) => Object.hasOwn(value, kind)) : undefined;
}

/** Docs of the field that makes a task one of its kind. */
export function docOfKind(kind: string): string {
  const [leaf] = leavesOf([TASK], { [kind]: null }).filter((one) => one.kind === "record");
  return leaf?.fields.find(({ name }) => name === kind)?.doc ?? "";
}

function describeShapes(shapes: readonly Shape[]): string {
  return [...new Set(leavesOf(shapes, undefined).map(describeLeaf))].filter((word) => word !== "").join(", or ");
}

function describeLeaf(leaf: ReturnType<typeof leavesOf>[number]): string {
  switch (leaf.kind) {
    case "text":
      if (leaf.values !== undefined) return `one of ${leaf.values.join(", ")}`;
      return leaf.expression === "always" ? "an expression" : "a text";
    case "integer":
      return "a whole number";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "data":
      return "any value";
    case "map":
      return "a map";
    case "list":
      return "a list";
    case "named-list":
      return `a list of ${leaf.noun}s`;
    case "record":
      return `a map: ${leaf.name}`;
  }
}
