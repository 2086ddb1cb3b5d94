/**
 * How a part of a document may look: the words of the grammar's tables.
 *
 * The tables serve validation now; completion and hover can read the same fields and their docs.
 */
export type Shape =
  | TextShape
  | IntegerShape
  | NumberShape
  | BooleanShape
  | DataShape
  | MapShape
  | ListShape
  | NamedListShape
  | RecordShape
  | ChoiceShape
  | VariantShape
  | LazyShape;

/** Where an expression stands; decides which variables it may read. */
export type Place =
  | "workflow-input"
  | "task-input"
  | "task"
  | "task-output"
  | "task-export"
  | "workflow-output"
  | "reusable"
  | "nowhere";

/** A text. */
export interface TextShape {
  readonly kind: "text";
  /** `never`: taken as written; `wrapped`: `${ }` is evaluated; `always`: an expression with or without `${ }`. */
  readonly expression: "never" | "wrapped" | "always";
  /** The only texts allowed, expressions apart. */
  readonly values?: readonly string[];
  /** Name of a row in the table of text formats. */
  readonly format?: string;
  /** True for program text, where `${` and `$name` are another language's. */
  readonly isCode?: boolean;
}

/** A whole number, or an expression that gives one. */
export interface IntegerShape {
  readonly kind: "integer";
  readonly minimum: number;
  readonly maximum: number;
  readonly expression: "never" | "wrapped";
}

/** Any number. */
export interface NumberShape {
  readonly kind: "number";
  readonly minimum: number;
  readonly maximum: number;
}

/** True or false. */
export interface BooleanShape {
  readonly kind: "boolean";
}

/** Any JSON. With `evaluated`, expressions in its texts are evaluated. */
export interface DataShape {
  readonly kind: "data";
  readonly evaluated: boolean;
  /** A JSON Schema, which is checked on its own. */
  readonly isSchema?: boolean;
}

/** A map with names of the author's choice. */
export interface MapShape {
  readonly kind: "map";
  readonly of: Shape;
  readonly minimum?: number;
  /** Name of a row in the table of text formats that names must have. */
  readonly names?: string;
}

/** A list. */
export interface ListShape {
  readonly kind: "list";
  readonly of: Shape;
  readonly minimum?: number;
}

/** A list of maps with one key each: the DSL's way of writing named things in order. */
export interface NamedListShape {
  readonly kind: "named-list";
  /** What an item is, such as `task`. */
  readonly noun: "task" | "case" | "extension";
  /** `sequence` and `branches` are lists of tasks; flow is checked in them. */
  readonly role: "sequence" | "branches" | "cases" | "extensions";
  readonly of: Shape;
  readonly minimum?: number;
}

/** A map with known fields. */
export interface RecordShape {
  readonly kind: "record";
  /** What it is, such as `HTTP call`; for messages and for semantic checks. */
  readonly name: string;
  readonly fields: readonly Field[];
  /** Shape of further members; absent means there are none, `warn` that they are ignored with a warning. */
  readonly rest?: Shape | "warn";
  /** Of each group exactly one field. */
  readonly exactlyOne?: readonly (readonly string[])[];
  /** Of each group at most one field. */
  readonly atMostOne?: readonly (readonly string[])[];
  /** The first field makes sense only beside the second. */
  readonly onlyWith?: readonly (readonly [string, string])[];
  /** Fewest members. */
  readonly minimum?: number;
  readonly binds?: readonly Binding[];
}

/** A variable that a record brings into some of its fields. */
export interface Binding {
  /** Path to the text that names the variable. */
  readonly from: readonly string[];
  /** The name where there is no such text; absent means no variable. */
  readonly fallback: string;
  readonly within: readonly string[];
}

/** A field of a record. */
export interface Field {
  readonly name: string;
  readonly shape: Shape;
  readonly doc: string;
  readonly isRequired: boolean;
  /** Where its expressions stand; absent means where the record stands. */
  readonly place?: Place;
  /** True where the value goes out with an effect, so that expressions on secrets are evaluated there. */
  readonly isEffect?: boolean;
}

/** Different shapes for different JSON types. */
export interface ChoiceShape {
  readonly kind: "choice";
  readonly text?: Shape;
  readonly list?: Shape;
  readonly map?: Shape;
}

/** Different records, told apart by the key that is present or by the text of one field. */
export interface VariantShape {
  readonly kind: "variant";
  /** What it is, such as `task`. */
  readonly noun: string;
  /** Field whose text selects; absent means the key that is present does. */
  readonly by?: string;
  readonly variants: readonly (readonly [string, Shape])[];
  /** Shape where nothing else fits. */
  readonly otherwise?: Shape;
}

/** A shape that is defined elsewhere or later, for grammars that contain themselves. */
export interface LazyShape {
  readonly kind: "lazy";
  readonly get: () => Shape;
}

/** Options of a field. */
export interface FieldOptions {
  readonly place?: Place;
  readonly isEffect?: boolean;
}

/** A field that must be there. */
export function required(name: string, shape: Shape, doc: string, options: FieldOptions = {}): Field {
  return { name, shape, doc, isRequired: true, ...options };
}

/** A field that may be there. */
export function optional(name: string, shape: Shape, doc: string, options: FieldOptions = {}): Field {
  return { name, shape, doc, isRequired: false, ...options };
}

/** A map with known fields. */
export function record(
  name: string,
  fields: readonly Field[],
  rules: Omit<RecordShape, "kind" | "name" | "fields"> = {},
): RecordShape {
  return { kind: "record", name, fields, ...rules };
}

/** A text taken as written. */
export function plainText(format?: string): TextShape {
  return { kind: "text", expression: "never", ...(format === undefined ? {} : { format }) };
}

/** A text that may be an expression in `${ }`. */
export function text(format?: string): TextShape {
  return { kind: "text", expression: "wrapped", ...(format === undefined ? {} : { format }) };
}

/** One of some texts. */
export function oneOf(...values: readonly string[]): TextShape {
  return { kind: "text", expression: "never", values };
}

/** A whole number in a range. */
export function integer(minimum = 0, maximum = Number.MAX_SAFE_INTEGER): IntegerShape {
  return { kind: "integer", minimum, maximum, expression: "never" };
}

/** A map of names to one shape. */
export function mapOf(of: Shape, rules: Omit<MapShape, "kind" | "of"> = {}): MapShape {
  return { kind: "map", of, ...rules };
}

/** A list of one shape. */
export function listOf(of: Shape, minimum = 0): ListShape {
  return { kind: "list", of, minimum };
}

/** Different shapes for different JSON types. */
export function choice(shapes: Omit<ChoiceShape, "kind">): ChoiceShape {
  return { kind: "choice", ...shapes };
}

/** A shape that is looked up when it is needed. */
export function lazy(get: () => Shape): LazyShape {
  return { kind: "lazy", get };
}

/** An expression, with or without `${ }`. */
export const EXPRESSION: TextShape = { kind: "text", expression: "always" };
/** True or false. */
export const BOOLEAN: BooleanShape = { kind: "boolean" };
/** Program text that may be an expression as a whole. */
export const CODE: TextShape = { kind: "text", expression: "wrapped", format: "not-empty", isCode: true };
/** Any JSON; expressions in it are evaluated. */
export const DATA: DataShape = { kind: "data", evaluated: true };
/** Any JSON, taken as written. */
export const PLAIN_DATA: DataShape = { kind: "data", evaluated: false };
/** A JSON Schema. */
export const JSON_SCHEMA: DataShape = { kind: "data", evaluated: false, isSchema: true };
/** A map of any JSON with expressions. */
export const DATA_MAP: MapShape = mapOf(DATA);
/** A map of any JSON, taken as written. */
export const PLAIN_MAP: MapShape = mapOf(PLAIN_DATA);
