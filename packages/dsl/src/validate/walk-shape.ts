import type { ChoiceShape, Field, NamedListShape, RecordShape, Shape, VariantShape } from "../grammar/shape.ts";
import { isList, isObject, type Json, type JsonObject } from "../json.ts";
import { joinPointer } from "../text/pointers.ts";
import { didYouMean } from "../text/suggest-name.ts";
import { checkRecordRules, reportUnknownMember } from "./check-record.ts";
import { checkBoolean, checkNumber, checkText, expectedKind, reportWrongType } from "./check-scalar.ts";
import type { Spot, Walk } from "./findings.ts";
import { boundVariables, moveScope } from "./scopes.ts";

/**
 * Compares a value with a shape; problems and everything the later passes need go to the walk.
 *
 * Goes on after every problem, so that one run finds all of them.
 */
export function walkShape(shape: Shape, spot: Spot): void {
  switch (shape.kind) {
    case "lazy":
      return walkShape(shape.get(), spot);
    case "text":
      return checkText(shape, spot);
    case "integer":
    case "number":
      return checkNumber(shape, spot);
    case "boolean":
      return checkBoolean(spot);
    case "data":
      return shape.evaluated ? collectTexts(spot) : collectSchema(shape.isSchema === true ? spot : undefined);
    case "map":
    case "record":
      return isObject(spot.value) ? walkMembers(shape, spot.value, spot) : reportWrongType("a map", spot);
    case "list":
      if (!isList(spot.value)) return reportWrongType("a list", spot);
      reportTooFew(spot.value.length, shape.minimum ?? 0, "item", spot);
      return walkItems(spot.value, shape.of, spot);
    case "named-list":
      return isList(spot.value)
        ? walkNamedList(shape, spot.value, spot)
        : reportWrongType(`a list of ${shape.noun}s`, spot);
    case "choice":
      return walkChoice(shape, spot);
    case "variant":
      return walkVariant(shape, spot);
  }
}

function walkItems(list: readonly Json[], shape: Shape, spot: Spot): void {
  for (const [index, value] of list.entries()) {
    walkShape(shape, { ...spot, value, pointer: joinPointer(spot.pointer, index) });
  }
}

function walkMembers(shape: Extract<Shape, { kind: "map" | "record" }>, value: JsonObject, spot: Spot): void {
  reportTooFew(Object.keys(value).length, shape.minimum ?? 0, "member", spot);
  if (shape.kind === "record") return walkRecord(shape, value, spot);
  for (const [name, member] of Object.entries(value)) {
    const pointer = joinPointer(spot.pointer, name);
    if (shape.names !== undefined) {
      const key = { kind: "text", expression: "never", format: shape.names } as const;
      checkText(key, { ...spot, value: name, pointer }, "key");
    }
    walkShape(shape.of, { ...spot, value: member, pointer });
  }
}

function walkRecord(shape: RecordShape, value: JsonObject, spot: Spot): void {
  spot.walk.records.push({ shape, pointer: spot.pointer, value });
  checkRecordRules(shape, value, spot);
  const fields = new Map(shape.fields.map((field) => [field.name, field]));
  for (const [name, member] of Object.entries(value)) {
    const field = fields.get(name);
    const pointer = joinPointer(spot.pointer, name);
    if (field !== undefined)
      walkShape(field.shape, fieldSpot(shape, field, { ...spot, value: member, pointer }, value));
    else if (typeof shape.rest === "object") walkShape(shape.rest, { ...spot, value: member, pointer });
    else reportUnknownMember(shape, name, pointer, spot);
  }
}

function fieldSpot(shape: RecordShape, field: Field, spot: Spot, record: Json): Spot {
  const bound = shape.binds === undefined ? [] : boundVariables(record, shape.binds, field.name);
  const moved = moveScope(spot.scope, field.place);
  if (bound.length === 0 && field.isEffect !== true) return { ...spot, scope: moved };
  return {
    ...spot,
    scope: { ...moved, local: [...moved.local, ...bound], isEffect: moved.isEffect || field.isEffect === true },
  };
}

function walkNamedList(shape: NamedListShape, list: readonly Json[], spot: Spot): void {
  spot.walk.lists.push({ shape, pointer: spot.pointer, list });
  reportTooFew(list.length, shape.minimum ?? 0, shape.noun, spot);
  for (const [index, item] of list.entries()) {
    const pointer = joinPointer(spot.pointer, index);
    if (!isObject(item)) {
      reportWrongType(`a map with the ${shape.noun}'s name as its only key`, { ...spot, value: item, pointer });
      continue;
    }
    reportSeveralNames(shape, item, pointer, spot.walk);
    for (const [name, value] of Object.entries(item)) {
      walkShape(shape.of, { ...spot, value, pointer: joinPointer(pointer, name) });
    }
  }
}

function reportSeveralNames(shape: NamedListShape, item: JsonObject, pointer: string, walk: Walk): void {
  const names = Object.keys(item);
  if (names.length === 1) return;
  const [first, second] = names;
  walk.findings.push({
    code: `one-${shape.noun}-per-item`,
    severity: "error",
    pointer: second === undefined ? pointer : joinPointer(pointer, second),
    at: second === undefined ? "value" : "key",
    message:
      second === undefined
        ? `A list item must hold one ${shape.noun}, this one is empty`
        : `A list item holds one ${shape.noun}: "${second}" stands beside "${first}"`,
    suggestion: second === undefined ? undefined : `Write "- ${second}:" to begin an item of its own.`,
  });
}

function walkChoice(shape: ChoiceShape, spot: Spot): void {
  const { value } = spot;
  const chosen = isList(value) ? shape.list : isObject(value) ? shape.map : shape.text;
  const isScalarGap = chosen === shape.text && typeof value !== "string";
  if (chosen !== undefined && !isScalarGap) return walkShape(chosen, spot);
  const kinds = [shape.text, shape.list, shape.map].filter((kind) => kind !== undefined).map(expectedKind);
  reportWrongType(kinds.join(" or "), spot);
}

function walkVariant(shape: VariantShape, spot: Spot): void {
  const { value } = spot;
  if (!isObject(value)) return reportWrongType("a map", spot);
  const chosen = chooseVariant(shape, value);
  if (chosen !== undefined) return walkShape(chosen, spot);
  if (shape.by === undefined) reportNoVariant(shape, value, spot);
  else reportOtherVariant(shape, shape.by, value, spot);
}

function reportNoVariant(shape: VariantShape, value: JsonObject, { pointer, walk }: Spot): void {
  const names = shape.variants.map(([name]) => name);
  walk.findings.push({
    code: "unknown-kind",
    severity: "error",
    pointer,
    at: "key",
    message: `This is no ${shape.noun}: it has none of the fields ${names.join(", ")}`,
    suggestion: suggestVariant(names, Object.keys(value)),
  });
}

function reportOtherVariant(shape: VariantShape, by: string, value: JsonObject, { pointer, walk }: Spot): void {
  const names = shape.variants.map(([name]) => name);
  const found = Object.hasOwn(value, by) ? value[by] : undefined;
  const isText = typeof found === "string";
  walk.findings.push({
    code: found === undefined ? "missing-field" : "unknown-kind",
    severity: "error",
    pointer: found === undefined ? pointer : joinPointer(pointer, by),
    at: found === undefined ? "key" : "value",
    message:
      found === undefined
        ? `Field "${by}" is missing: it must be one of ${names.join(", ")}`
        : `${isText ? `"${found}"` : "This"} is no ${shape.noun}: "${by}" must be one of ${names.join(", ")}`,
    suggestion: isText ? didYouMean(found, names) : undefined,
  });
}

function chooseVariant(shape: VariantShape, value: JsonObject): Shape | undefined {
  const { by } = shape;
  const chosen = shape.variants.find(([name]) =>
    by === undefined ? Object.hasOwn(value, name) : Object.hasOwn(value, by) && value[by] === name,
  );
  return chosen?.[1] ?? shape.otherwise;
}

function suggestVariant(names: readonly string[], keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const hint = didYouMean(key, names);
    if (hint !== undefined) return `${hint.slice(0, -1)} instead of "${key}"?`;
  }
  return undefined;
}

function reportTooFew(count: number, minimum: number, noun: string, { pointer, walk }: Spot): void {
  if (count >= minimum) return;
  const message = `There must be at least ${minimum} ${noun}${minimum === 1 ? "" : "s"} here`;
  walk.findings.push({ code: "too-few", severity: "error", pointer, at: "key", message });
}

function collectTexts(spot: Spot): void {
  const { value, pointer, scope, walk } = spot;
  if (typeof value === "string") walk.texts.push({ pointer, text: value, kind: "wrapped", scope });
  else if (isList(value)) {
    for (const [index, item] of value.entries())
      collectTexts({ ...spot, value: item, pointer: joinPointer(pointer, index) });
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value))
      collectTexts({ ...spot, value: member, pointer: joinPointer(pointer, key) });
  }
}

function collectSchema(spot: Spot | undefined): void {
  if (spot !== undefined) spot.walk.schemas.push({ pointer: spot.pointer, schema: spot.value });
}
