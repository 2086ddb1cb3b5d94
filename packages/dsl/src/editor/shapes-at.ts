import type { Field, MapShape, NamedListShape, RecordShape, Shape, TextShape, VariantShape } from "../grammar/shape.ts";
import { isList, isObject, type Json, property } from "../json.ts";
import type { Scope } from "../validate/findings.ts";
import { boundVariables, moveScope, ROOT_SCOPE } from "../validate/scopes.ts";
import { type EditedKind, grammarOf, specGrammar } from "./document-grammar.ts";

/** A part of a document on the way down to a place. */
export interface Level {
  readonly path: readonly string[];
  readonly value: Json | undefined;
  /** What may stand here; several where the document does not say yet which. */
  readonly shapes: readonly Shape[];
  readonly scope: Scope;
  /** The fields of records that this is, with their docs. */
  readonly fields: readonly { readonly field: Field; readonly record: RecordShape }[];
}

/** What the grammar says about every part from the root down to a path. */
export function levelsTo(root: Json, path: readonly string[], kind: EditedKind): readonly Level[] {
  const first: Level = { path: [], value: root, shapes: [grammarOf(root, kind)], scope: ROOT_SCOPE, fields: [] };
  const levels = [first];
  for (const key of path) {
    const level = levels.at(-1) ?? first;
    const next = stepInto(level, key);
    const spec = kind === "definition" ? specGrammar(root, next.path) : undefined;
    levels.push(spec === undefined ? next : { ...next, shapes: [spec] });
  }
  return levels;
}

function stepInto(level: Level, key: string): Level {
  const shapes: Shape[] = [];
  const fields: { field: Field; record: RecordShape }[] = [];
  let { scope } = level;
  for (const leaf of leavesOf(level.shapes, level.value)) {
    switch (leaf.kind) {
      case "record": {
        const field = leaf.fields.find(({ name }) => name === key);
        if (field === undefined) {
          if (typeof leaf.rest === "object") shapes.push(leaf.rest);
          break;
        }
        shapes.push(field.shape);
        fields.push({ field, record: leaf });
        scope = scopeOf(level, leaf, field);
        break;
      }
      case "map":
      case "list":
        shapes.push(leaf.of);
        break;
      case "named-list":
        shapes.push(itemOf(leaf));
        break;
      case "data":
      case "text":
      case "integer":
      case "number":
      case "boolean":
        break;
    }
  }
  return { path: [...level.path, key], value: memberOf(level.value, key), shapes, scope, fields };
}

function scopeOf(level: Level, record: RecordShape, field: Field): Scope {
  const moved = moveScope(level.scope, field.place);
  const bound = record.binds === undefined ? [] : boundVariables(level.value ?? null, record.binds, field.name);
  return { ...moved, local: [...moved.local, ...bound] };
}

/** An item of a named list is a map with one name of the author's choice. */
function itemOf(list: NamedListShape): MapShape {
  return { kind: "map", of: list.of };
}

function memberOf(value: Json | undefined, key: string): Json | undefined {
  return isList(value) ? value[Number(key)] : property(value, key);
}

/** A shape that is no mere choice among others. */
export type Leaf = Exclude<Shape, { kind: "lazy" } | { kind: "choice" } | { kind: "variant" }>;

/** The shapes that are left when choices are made as far as the value says. */
export function leavesOf(shapes: readonly Shape[], value: Json | undefined): readonly Leaf[] {
  return shapes.flatMap((shape): readonly Leaf[] => {
    switch (shape.kind) {
      case "lazy":
        return leavesOf([shape.get()], value);
      case "choice": {
        const all = [shape.text, shape.map, shape.list].filter((one) => one !== undefined);
        const one = isList(value) ? shape.list : isObject(value) ? shape.map : undefined;
        return leavesOf(one === undefined ? all : [one], value);
      }
      case "variant":
        return leavesOf(variantsOf(shape, value), value);
      default:
        return [shape];
    }
  });
}

function variantsOf({ by, variants, otherwise }: VariantShape, value: Json | undefined): readonly Shape[] {
  const chosen = variants.find(([name]) =>
    by === undefined ? property(value, name) !== undefined : property(value, by) === name,
  );
  if (chosen !== undefined) return [chosen[1]];
  const isDecided = by !== undefined && typeof property(value, by) === "string";
  if (isDecided && otherwise !== undefined) return [otherwise];
  return [...variants.map(([, shape]) => shape), ...(otherwise === undefined ? [] : [otherwise])];
}

/** Names that select among the variants which a record's field decides, such as the protocols after `call:`. */
export function selectorsOf(level: Level, name: string): readonly string[] {
  const find = (shapes: readonly Shape[]): readonly string[] =>
    shapes.flatMap((shape) => {
      switch (shape.kind) {
        case "lazy":
          return find([shape.get()]);
        case "choice":
          return find([shape.map].filter((one) => one !== undefined));
        case "variant":
          return shape.by === name ? shape.variants.map(([variant]) => variant) : find(variantsOf(shape, level.value));
        default:
          return [];
      }
    });
  return find(level.shapes);
}

/** The text shapes among leaves. */
export function textsOf(leaves: readonly Leaf[]): readonly TextShape[] {
  return leaves.filter((leaf) => leaf.kind === "text");
}
