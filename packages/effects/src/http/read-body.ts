import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";

/**
 * The content of a response without its content encoding.
 *
 * @param maxBytes limit of the unpacked size
 * @throws {Error} when it is larger, cut off or wrongly packed
 */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const declared = Number(message.headers["content-length"] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  const unpack = decoder(message.headers["content-encoding"]);
  const content = collect(unpack ?? message, maxBytes);
  if (unpack !== undefined) await Promise.all([pipeline(message, unpack), content]);
  return content;
}

/** By events: a pipeline and an async iterator cost more than the request around them. */
function collect(source: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    source.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) source.destroy(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    source.once("error", reject);
    source.once("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    source.once("close", () => reject(new Error("the response was cut off")));
  });
}

function decoder(encoding: string | undefined): Transform | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    case undefined:
    case "":
    case "identity":
      return undefined;
    default:
      throw new Error(`the response is packed as "${encoding}", which is not supported`);
  }
}

function tooLarge(maxBytes: number): Error {
  return new Error(`the response is larger than ${Math.floor(maxBytes / 1_000_000)} MB (${maxBytes} bytes)`);
}
