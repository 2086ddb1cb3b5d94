import type { FileHandle } from "node:fs/promises";

const PROBE_BYTES = 8_192;

/** True when the first bytes of a file hold a zero byte: no text file does. */
export async function isBinary(handle: FileHandle): Promise<boolean> {
  const probe = Buffer.alloc(PROBE_BYTES);
  const { bytesRead } = await handle.read(probe, 0, PROBE_BYTES, 0);
  return probe.subarray(0, bytesRead).includes(0);
}
