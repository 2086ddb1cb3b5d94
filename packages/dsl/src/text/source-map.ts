import type { Position } from "./diagnostic.ts";
import { parentPointer } from "./pointers.ts";
import { offsetInScalar, type ScalarStyle } from "./scalar-offsets.ts";

/** Where a value of a document stands in its text; offsets in UTF-16 units from 0. */
export interface SourceNode {
  readonly start: number;
  readonly end: number;
  /** Start of the key, absent for list items and the root. */
  readonly keyStart?: number;
  /** How a string was written, absent for everything else. */
  readonly style?: ScalarStyle;
}

/** Finds the places of a document's values in its text. */
export interface SourceMap {
  /** Place of a value; of its nearest container where the value is not in the text. */
  valuePosition(pointer: string): Position;
  /** Place of a member's key; of the value where it has none. */
  keyPosition(pointer: string): Position;
  /** Place of character `index` of a string value. */
  textPosition(pointer: string, index: number): Position;
  /** Place of an offset in the text. */
  positionAt(offset: number): Position;
}

/** A text with the offsets of its lines and values, as the parser collected them. */
export interface SourceMapParts {
  readonly text: string;
  readonly nodes: ReadonlyMap<string, SourceNode>;
  /** Line of the whole file on which the text begins, from 1. */
  readonly firstLine: number;
}

/** Builds the map of a parsed text. */
export function createSourceMap({ text, nodes, firstLine }: SourceMapParts): SourceMap {
  const lineStarts = findLineStarts(text);

  function positionAt(offset: number): Position {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + firstLine, column: offset - (lineStarts[low] ?? 0) + 1 };
  }

  function nearest(pointer: string): SourceNode {
    for (let at = pointer; ; at = parentPointer(at)) {
      const node = nodes.get(at);
      if (node !== undefined) return node;
      if (at === "") return { start: 0, end: 0 };
    }
  }

  return {
    positionAt,
    valuePosition: (pointer) => positionAt(nearest(pointer).start),
    keyPosition: (pointer) => {
      const node = nearest(pointer);
      return positionAt(node.keyStart ?? node.start);
    },
    textPosition: (pointer, index) => {
      const node = nearest(pointer);
      if (node.style === undefined) return positionAt(node.start);
      return positionAt(offsetInScalar(text, node.start, node.end, node.style, index));
    },
  };
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
