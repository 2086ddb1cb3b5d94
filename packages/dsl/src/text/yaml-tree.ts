import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { Json } from "../json.ts";
import { MAX_NESTING, tooDeep } from "./nesting.ts";
import { joinPointer } from "./pointers.ts";
import type { ScalarStyle } from "./scalar-offsets.ts";
import type { SourceNode } from "./source-map.ts";
import type { TextProblem } from "./text-problem.ts";

/** Values that aliases may add to a document; a bomb of aliases ends here. */
const MAX_ALIASED_VALUES = 50_000;

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "literal",
  BLOCK_FOLDED: "folded",
};

interface Conversion {
  readonly text: string;
  readonly nodes: Map<string, SourceNode>;
  readonly problems: TextProblem[];
  /** Anchored nodes so far; undefined while the node itself is being read, so that it cannot hold itself. */
  readonly anchors: Map<string, ParsedNode | undefined>;
  aliasDepth: number;
  aliasedValues: number;
  depth: number;
}

/** Where a value hangs. */
interface Place {
  readonly pointer: string;
  readonly keyStart?: number;
}

/** Turns a YAML tree into plain data; fills in the places of all values and reports what JSON cannot hold. */
export function convertTree(
  root: ParsedNode,
  text: string,
  nodes: Map<string, SourceNode>,
  problems: TextProblem[],
): Json {
  const conversion: Conversion = {
    text,
    nodes,
    problems,
    anchors: new Map(),
    aliasDepth: 0,
    aliasedValues: 0,
    depth: 0,
  };
  return convert(root, { pointer: "" }, conversion);
}

function convert(node: ParsedNode | null, place: Place, conversion: Conversion): Json {
  if (node === null) return null;
  if (isAlias(node)) return convertAlias(node.source, node.range[0], place, conversion);
  if (conversion.aliasDepth > 0 && ++conversion.aliasedValues > MAX_ALIASED_VALUES) return null;
  remember(node, place, conversion);
  const anchor = node.anchor;
  if (anchor !== undefined) conversion.anchors.set(anchor, undefined);
  const value = convertWithin(node, place, conversion);
  if (anchor !== undefined) conversion.anchors.set(anchor, node);
  return value;
}

/** Aliases can nest values deeper than the text itself is nested. */
function convertWithin(node: ParsedNode, place: Place, conversion: Conversion): Json {
  if (conversion.depth >= MAX_NESTING) {
    conversion.problems.push(tooDeep(node.range[0], place.pointer));
    return null;
  }
  conversion.depth++;
  const value = convertContent(node, place, conversion);
  conversion.depth--;
  return value;
}

function convertContent(node: ParsedNode, place: Place, conversion: Conversion): Json {
  if (isMap(node)) return convertMap(node, place, conversion);
  if (isSeq(node)) return convertList(node, place, conversion);
  return isScalar(node) ? convertScalar(node, place, conversion) : null;
}

function remember(node: ParsedNode, place: Place, { nodes }: Conversion): void {
  const [start, end] = node.range;
  const style = isScalar(node) && typeof node.value === "string" ? STYLES[node.type ?? ""] : undefined;
  nodes.set(place.pointer, {
    start,
    end,
    ...(place.keyStart === undefined ? {} : { keyStart: place.keyStart }),
    ...(style === undefined ? {} : { style }),
  });
}

function convertAlias(name: string, offset: number, place: Place, conversion: Conversion): Json {
  const target = conversion.anchors.get(name);
  if (target === undefined) {
    const message = conversion.anchors.has(name)
      ? `Alias "*${name}" stands inside the value it repeats`
      : `Alias "*${name}" repeats nothing: there is no "&${name}" before it`;
    conversion.problems.push({ code: "unknown-alias", offset, pointer: place.pointer, message });
    return null;
  }
  if (conversion.aliasedValues > MAX_ALIASED_VALUES) return null;
  conversion.aliasDepth++;
  const value = convert(target, place, conversion);
  conversion.aliasDepth--;
  if (conversion.aliasedValues > MAX_ALIASED_VALUES && conversion.aliasDepth === 0) {
    conversion.problems.push({
      code: "too-many-aliases",
      offset,
      pointer: place.pointer,
      message: `Aliases repeat more than ${MAX_ALIASED_VALUES} values`,
      suggestion: "Write the values out, or put them where an expression can read them.",
    });
  }
  return value;
}

function convertList(list: YAMLSeq.Parsed, { pointer }: Place, conversion: Conversion): Json {
  return list.items.map((item, index) => convert(item, { pointer: joinPointer(pointer, index) }, conversion));
}

function convertMap(map: YAMLMap.Parsed, { pointer }: Place, conversion: Conversion): Json {
  const entries = new Map<string, Json>();
  const merged: [string, Json][] = [];
  for (const { key, value } of map.items) {
    const name = keyName(key, pointer, conversion);
    if (name === undefined) continue;
    const keyStart = key.range[0];
    if (entries.has(name)) reportDuplicate(name, pointer, keyStart, conversion);
    const place = { pointer: joinPointer(pointer, name), keyStart };
    if (value === null) conversion.nodes.set(place.pointer, { start: key.range[1], end: key.range[1], keyStart });
    const converted = convert(value, place, conversion);
    if (name === "<<" && isScalar(key) && key.type === "PLAIN") merged.push(...mergedEntries(converted));
    else entries.set(name, converted);
  }
  for (const [name, value] of merged) if (!entries.has(name)) entries.set(name, value);
  return Object.fromEntries(entries);
}

/** Members that a merge key brings in: of one map or of a list of maps, the first one winning. */
function mergedEntries(value: Json): [string, Json][] {
  const sources: readonly Json[] = Array.isArray(value) ? value : [value];
  return sources.flatMap((source) =>
    typeof source === "object" && source !== null && !Array.isArray(source) ? Object.entries(source) : [],
  );
}

function reportDuplicate(name: string, pointer: string, offset: number, { problems }: Conversion): void {
  problems.push({
    code: "duplicate-key",
    offset,
    pointer: joinPointer(pointer, name),
    message: `Key "${name}" stands twice in the same map`,
    suggestion: "Remove one of the two, or give one another name.",
  });
}

/** Text of a key; numbers and booleans keep the text they were written with, other keys are refused. */
function keyName(key: ParsedNode, pointer: string, conversion: Conversion): string | undefined {
  if (isScalar(key) && typeof key.value === "string") return key.value;
  if (isScalar(key) && (typeof key.value === "number" || typeof key.value === "boolean")) {
    return key.source ?? String(key.value);
  }
  conversion.problems.push({
    code: "non-string-key",
    offset: key.range[0],
    pointer,
    message: "Keys must be texts",
    suggestion: "Quote the key.",
  });
  return undefined;
}

function convertScalar(scalar: Scalar.Parsed, { pointer }: Place, { problems }: Conversion): Json {
  const { value } = scalar;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  problems.push({
    code: "not-json",
    offset: scalar.range[0],
    pointer,
    message: `"${scalar.source ?? String(value)}" has no JSON form`,
    suggestion: "Quote it, or use a finite number.",
  });
  return null;
}
