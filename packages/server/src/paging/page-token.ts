import { createHash } from "node:crypto";
import { StigmerError } from "@stigmer/api";

/** Where a list goes on: the sort key of the last row that was sent. */
export type Position = readonly (string | number)[];

/** Default and largest number of rows of a page. */
export const PAGE_SIZE = { default: 100, max: 1000 } as const;

/** Rows of a page: what was asked for, 100 when nothing was. */
export function pageSizeOf(asked: number): number {
  return asked === 0 ? PAGE_SIZE.default : Math.min(asked, PAGE_SIZE.max);
}

/**
 * An opaque page token. It holds the position and a mark of the filter, so that a token of another list is refused.
 *
 * @param filter everything of the request that selects rows, as plain data
 */
export function writePageToken(position: Position, filter: unknown): string {
  return Buffer.from(JSON.stringify([markOf(filter), ...position])).toString("base64url");
}

/**
 * Reads a token back; undefined for the empty one.
 *
 * @param shape the types of the position's members
 * @throws {StigmerError} INVALID_PAGE_TOKEN when it is not a token of this list
 */
export function readPageToken(
  token: string,
  filter: unknown,
  shape: readonly ("string" | "number")[],
): Position | undefined {
  if (token === "") return undefined;
  const parts = parse(token);
  const [mark, ...position] = Array.isArray(parts) ? (parts as readonly unknown[]) : [];
  const fits = position.length === shape.length && shape.every((type, at) => typeof position[at] === type);
  if (!fits || mark !== markOf(filter)) {
    throw new StigmerError({
      reason: "INVALID_PAGE_TOKEN",
      message: "Cannot go on: the page token is not of this list",
    });
  }
  return position as Position;
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

function markOf(filter: unknown): string {
  return createHash("sha256").update(JSON.stringify(filter)).digest("base64url").slice(0, 8);
}
