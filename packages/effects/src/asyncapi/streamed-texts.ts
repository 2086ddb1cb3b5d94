import { readEvents } from "../a2a/read-answers.ts";

/** No message is longer. */
const MAX_CHARACTERS = 4_000_000;

/**
 * Messages of a body as they arrive: events of an event stream, lines of JSON lines, else the body as one message.
 *
 * @throws {Error} for a message without end
 */
export async function* readStreamedTexts(
  body: ReadableStream<Uint8Array> | null,
  contentType: string | undefined,
): AsyncIterable<string> {
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  const isEvents = type === "text/event-stream";
  const end = isEvents ? "\n\n" : LINES.has(type) ? "\n" : undefined;
  const decoder = new TextDecoder();
  let pending = "";
  let rest = "";
  for await (const chunk of body ?? []) {
    pending += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be half of a line end.
    const usable = pending.endsWith("\r") ? pending.slice(0, -1) : pending;
    pending = pending.slice(usable.length);
    rest += end === undefined ? usable : usable.replace(/\r\n?/g, "\n");
    for (let at = end ? rest.indexOf(end) : -1; end && at >= 0; at = rest.indexOf(end)) {
      yield* toMessages(rest.slice(0, at), isEvents);
      rest = rest.slice(at + end.length);
    }
    if (rest.length > MAX_CHARACTERS) throw new Error("a message does not end");
  }
  yield* toMessages(rest + pending, isEvents);
}

const LINES: ReadonlySet<string> = new Set(["application/x-ndjson", "application/jsonl", "application/json-seq"]);

/** @see RFC 7464 section 2 */
const RECORD_SEPARATOR = "\u001e";

function toMessages(block: string, isEvents: boolean): readonly string[] {
  if (isEvents) return readEvents(block);
  const text = block.startsWith(RECORD_SEPARATOR) ? block.slice(1) : block;
  return text.trim() === "" ? [] : [text];
}
