/** Longest message that is read, bytes: far above any document that we would validate. */
const MAX_MESSAGE_BYTES = 16_000_000;

/** Cuts a stream of bytes into the messages of the base protocol. */
export interface MessageReader {
  /** Gives the texts of the messages that are complete now. @throws {RangeError} when the stream is none of ours */
  read(chunk: Uint8Array): readonly string[];
}

/**
 * Reads messages with `Content-Length` headers.
 *
 * @see Language Server Protocol 3.17, "Base Protocol"
 */
export function createMessageReader(): MessageReader {
  let buffered = Buffer.alloc(0);
  const next = (): string | undefined => {
    const end = buffered.indexOf("\r\n\r\n");
    if (end < 0) {
      if (buffered.length > 4_096) throw new RangeError("there is no header of a message within 4096 bytes");
      return undefined;
    }
    const sizeBytes = contentLength(buffered.toString("latin1", 0, end));
    const start = end + 4;
    if (buffered.length < start + sizeBytes) return undefined;
    const text = buffered.toString("utf8", start, start + sizeBytes);
    buffered = buffered.subarray(start + sizeBytes);
    return text;
  };
  return {
    read(chunk) {
      buffered = Buffer.concat([buffered, chunk]);
      const texts: string[] = [];
      for (let text = next(); text !== undefined; text = next()) texts.push(text);
      return texts;
    },
  };
}

function contentLength(headers: string): number {
  const length = Number(/^content-length: *(\d{1,9})$/im.exec(headers)?.[1] ?? Number.NaN);
  if (length <= MAX_MESSAGE_BYTES) return length;
  throw new RangeError("a message needs a Content-Length of at most 16 MB");
}

/** A message with its header. */
export function frameMessage(message: object): string {
  const text = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
