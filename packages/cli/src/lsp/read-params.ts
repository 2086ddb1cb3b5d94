import { type LspPosition, type LspRange, RPC_ERRORS, RpcError } from "./protocol.ts";

/** Members of a message or of its parameters, not looked at yet. */
export type Params = { readonly [name: string]: unknown };

/** A message; undefined when the text is no JSON object. */
export function parseMessage(text: string): Params | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? objectOf(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Members of a value; none when it has none. */
export function objectOf(value: unknown): Params {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** @throws {RpcError} when it is no text */
export function textOf(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw new RpcError(RPC_ERRORS.invalidParams, `${what} must be a text`);
}

/** Address of the document that a message is about. @throws {RpcError} */
export function uriOf(params: Params): string {
  return textOf(objectOf(params.textDocument).uri, "textDocument.uri");
}

/** The text after a change: the whole of it, as we asked for. @throws {RpcError} */
export function changedText({ contentChanges }: Params): string {
  const changes: readonly unknown[] = Array.isArray(contentChanges) ? contentChanges : [];
  return textOf(objectOf(changes.at(-1)).text, "contentChanges.text");
}

/** @throws {RpcError} */
export function positionOf({ position }: Params): LspPosition {
  return readPosition(position);
}

/** @throws {RpcError} */
export function rangeOf({ range }: Params): LspRange {
  const { start, end } = objectOf(range);
  return { start: readPosition(start), end: readPosition(end) };
}

function readPosition(value: unknown): LspPosition {
  const { line, character } = objectOf(value);
  if (typeof line === "number" && typeof character === "number") return { line, character };
  throw new RpcError(RPC_ERRORS.invalidParams, "a position needs line and character");
}
