import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
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
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  };
  const unpack = decoder(message.headers["content-encoding"]);
  if (unpack === undefined) await pipeline(message, collect);
  else await pipeline(message, unpack, collect);
  return Buffer.concat(chunks);
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
