import { Composer, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Parser } from "yaml";
import type { Json } from "../json.ts";
import { MAX_NESTING, nestingOffset } from "../text/nesting.ts";
import { MAX_TEXT_LENGTH } from "../text/parse-text.ts";
import { joinPointer } from "../text/pointers.ts";

/** Offsets in UTF-16 units from 0; `end` is behind the last one. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A value in a text that may be wrong or half written. */
export interface PlacedValue {
  readonly path: readonly string[];
  readonly value: TextRange;
  /** Absent for items of lists and the root. */
  readonly key?: TextRange;
}

/** What can be read of a text, however wrong it is. */
export interface YamlPlaces {
  readonly value: Json;
  readonly places: readonly PlacedValue[];
  /** The innermost value whose key or own text holds an offset. */
  placeAt(offset: number): { readonly place: PlacedValue; readonly on: "key" | "value" } | undefined;
  find(pointer: string): PlacedValue | undefined;
}

/** Reads what can be read: syntax errors leave gaps and end nothing. */
export function readPlaces(text: string): YamlPlaces {
  const places: PlacedValue[] = [];
  const root = composeRoot(text);
  const value = root === undefined ? null : convert(root, [], undefined, places);
  const byPointer = new Map(places.map((place) => [pointerOf(place.path), place]));
  return {
    value,
    places,
    find: (pointer) => byPointer.get(pointer),
    placeAt(offset) {
      const found = places.findLast(({ key, value: own }) => holds(key, offset) || holds(own, offset));
      return found === undefined ? undefined : { place: found, on: holds(found.key, offset) ? "key" : "value" };
    },
  };
}

/** JSON pointer of a path. */
export function pointerOf(path: readonly string[]): string {
  return path.reduce((pointer, key) => joinPointer(pointer, key), "");
}

function holds(range: TextRange | undefined, offset: number): boolean {
  return range !== undefined && offset >= range.start && offset <= range.end;
}

function composeRoot(text: string): Node | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  const tokens = [...new Parser().parse(text)];
  if (nestingOffset(tokens, MAX_NESTING) !== undefined) return undefined;
  const composer = new Composer({ version: "1.2", schema: "core", uniqueKeys: false, prettyErrors: false });
  const [document] = [...composer.compose(tokens, false, text.length)];
  return document?.contents ?? undefined;
}

function convert(node: Node, path: readonly string[], key: TextRange | undefined, places: PlacedValue[]): Json {
  places.push({ path, value: rangeOf(node, key), ...(key === undefined ? {} : { key }) });
  if (isMap(node)) return Object.fromEntries(node.items.flatMap((pair) => convertPair(pair, path, places)));
  if (isSeq(node)) {
    return node.items.map((item, index) =>
      isNode(item) ? convert(item, [...path, String(index)], undefined, places) : null,
    );
  }
  if (isAlias(node) || !isScalar(node)) return null;
  const { value } = node;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

function convertPair(pair: Pair, path: readonly string[], places: PlacedValue[]): readonly [string, Json][] {
  const { key, value } = pair;
  if (!isScalar(key) || key.value === null || key.value === undefined) return [];
  const name = String(key.value);
  const keyRange = rangeOf(key, undefined);
  const inner = [...path, name];
  if (isNode(value)) return [[name, convert(value, inner, keyRange, places)]];
  places.push({ path: inner, key: keyRange, value: { start: keyRange.end, end: keyRange.end } });
  return [[name, null]];
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}

function rangeOf(node: Node, fallback: TextRange | undefined): TextRange {
  const [start, end] = node.range ?? [fallback?.end ?? 0, fallback?.end ?? 0];
  return { start, end };
}
