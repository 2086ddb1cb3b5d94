import { isList, isObject, type Json } from "../json.ts";
import { isPattern } from "../patterns.ts";
import { joinPointer } from "../text/pointers.ts";
import { didYouMean } from "../text/suggest-name.ts";
import { createResolver } from "./references.ts";

/** What is wrong with a schema itself. */
export interface SchemaFault {
  readonly pointer: string;
  readonly message: string;
  readonly suggestion?: string | undefined;
}

const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"];

/** Keywords whose argument is a schema, a list of schemas or a map of schemas. */
const ONE = [
  "additionalItems",
  "additionalProperties",
  "contains",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
];
const ONE_MORE = ["unevaluatedItems", "unevaluatedProperties"];
const LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAPS = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];
const COUNTS = ["maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties"];
const NUMBERS = ["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"];

type Report = (keyword: string, message: string, suggestion?: string) => void;

/** Checks a JSON Schema itself: arguments of keywords, patterns, references inside. */
export function checkSchemaText(schema: Json): readonly SchemaFault[] {
  const faults: SchemaFault[] = [];
  const resolve = createResolver(schema);
  const open: { readonly schema: Json; readonly pointer: string }[] = [{ schema, pointer: "" }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { schema: current, pointer } = next;
    if (typeof current === "boolean") continue;
    if (!isObject(current)) {
      faults.push({ pointer, message: "A schema must be a map, true or false" });
      continue;
    }
    const report: Report = (keyword, message, suggestion) =>
      faults.push({ pointer: joinPointer(pointer, keyword), message, suggestion });
    for (const [keyword, argument] of Object.entries(current)) {
      checkArgument(keyword, argument, report, resolve);
      open.push(...subschemas(keyword, argument, joinPointer(pointer, keyword)));
    }
  }
  return faults;
}

function checkArgument(
  keyword: string,
  argument: Json,
  report: Report,
  resolve: (reference: string) => Json | undefined,
): void {
  if (keyword === "type") return checkTypes(argument, report);
  if (keyword === "pattern") {
    if (typeof argument !== "string" || !isPattern(argument)) report(keyword, "This is no regular expression");
  } else if (keyword === "$ref") {
    if (typeof argument !== "string") report(keyword, "A reference must be a text");
    else if (resolve(argument) === undefined) report(keyword, `The schema has no "${argument}"; nothing is fetched`);
  } else if (keyword === "required") {
    if (!isList(argument) || !argument.every((name) => typeof name === "string")) {
      report(keyword, '"required" must be a list of names', "Draft 3's required: true is not known.");
    }
  } else if (keyword === "enum") {
    if (!isList(argument)) report(keyword, '"enum" must be a list');
  } else if (COUNTS.includes(keyword)) {
    if (!Number.isSafeInteger(argument) || Number(argument) < 0) report(keyword, `"${keyword}" must be a whole number`);
  } else if (NUMBERS.includes(keyword) && typeof argument !== "number") {
    report(keyword, `"${keyword}" must be a number`);
  } else if (MAPS.includes(keyword) && !isObject(argument)) {
    report(keyword, `"${keyword}" must be a map of schemas`);
  } else if (LISTS.includes(keyword) && !isList(argument)) {
    report(keyword, `"${keyword}" must be a list of schemas`);
  }
}

function checkTypes(argument: Json, report: Report): void {
  const types = isList(argument) ? argument : [argument];
  for (const type of types) {
    if (typeof type === "string" && TYPES.includes(type)) continue;
    const suggestion = typeof type === "string" ? didYouMean(type, TYPES) : undefined;
    report("type", `There is no type ${JSON.stringify(type)}`, suggestion ?? `Types are ${TYPES.join(", ")}.`);
  }
}

function subschemas(keyword: string, argument: Json, pointer: string) {
  if (MAPS.includes(keyword) && isObject(argument)) {
    return Object.entries(argument).map(([name, schema]) => ({ schema, pointer: joinPointer(pointer, name) }));
  }
  if ((LISTS.includes(keyword) || keyword === "items") && isList(argument)) {
    return argument.map((schema, index) => ({ schema, pointer: joinPointer(pointer, index) }));
  }
  return ONE.includes(keyword) || ONE_MORE.includes(keyword) ? [{ schema: argument, pointer }] : [];
}
