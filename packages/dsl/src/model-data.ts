import type { Json, JsonObject } from "./json.ts";
import type { ExternalResource } from "./model-connections.ts";

/** Parts that add up, an ISO 8601 duration, or an expression that gives either. */
export type Duration = DurationParts | string;

/** Whole numbers that add up. */
export type DurationParts = {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
};

/** Schema of the raw input, then its transformation. */
export type InputRule = { readonly schema?: SchemaDefinition; readonly from?: Transformation };

/** Transformation of the raw output, then the schema of its result. */
export type OutputRule = { readonly schema?: SchemaDefinition; readonly as?: Transformation };

/** The new context, then its schema. */
export type ExportRule = { readonly schema?: SchemaDefinition; readonly as?: Transformation };

/** An expression (bare jq or `${ }`) or a map of values with expressions in it. */
export type Transformation = string | JsonObject;

/** A JSON Schema, inline or from a resource; `format` defaults to `json`. */
export type SchemaDefinition = {
  readonly format?: string;
  readonly document?: Json;
  readonly resource?: ExternalResource;
};
