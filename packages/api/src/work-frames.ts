/** Name of the protocol that a runner asks an HTTP/1.1 connection to become. */
export const WORK_PROTOCOL = "stigmer-frames";

/** Path of the runner's stream, by whichever protocol it goes. */
export const WORK_PATH = "/stigmer.v1.RunnerService/Work";

/** Longest message of a stream, bytes. */
export const MAX_FRAME_BYTES = 64 * 1_024 * 1_024;

const HEAD_BYTES = 4;

/** A message with its length before it: four bytes, most significant first. */
export function writeWorkFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEAD_BYTES + message.length);
  new DataView(frame.buffer).setUint32(0, message.length);
  frame.set(message, HEAD_BYTES);
  return frame;
}

/** Cuts what arrives into messages. */
export class WorkFrameReader {
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;

  /**
   * Messages that are complete with this chunk.
   *
   * @throws {RangeError} when a message says that it is longer than `MAX_FRAME_BYTES`
   */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    const messages: Uint8Array[] = [];
    for (let message = this.#take(); message !== undefined; message = this.#take()) messages.push(message);
    return messages;
  }

  #take(): Uint8Array | undefined {
    if (this.#sizeBytes < HEAD_BYTES) return undefined;
    const head = this.#joined(HEAD_BYTES);
    const length = new DataView(head.buffer, head.byteOffset, HEAD_BYTES).getUint32(0);
    if (length > MAX_FRAME_BYTES) throw new RangeError(`a message of ${length} bytes is longer than allowed`);
    const end = HEAD_BYTES + length;
    if (this.#sizeBytes < end) return undefined;
    const all = this.#joined(end);
    const rest = all.subarray(end);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#sizeBytes = rest.length;
    return all.subarray(HEAD_BYTES, end);
  }

  /** The first chunk, made at least so long; a long message is joined once, when all of it is there. */
  #joined(atLeastBytes: number): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= atLeastBytes) {
      if (this.#chunks.length === 1 || atLeastBytes === HEAD_BYTES) return first;
    }
    const all = new Uint8Array(this.#sizeBytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [all];
    return all;
  }
}
