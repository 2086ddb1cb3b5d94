import { readFileSync } from "node:fs";
import { constants, zstdCompressSync } from "node:zlib";
import { builtExecutable } from "../e2e/executable-fixture.ts";
import { mb, type Row } from "./report.ts";

/** The file that people copy, and what they download. */
export async function benchSizes(): Promise<readonly Row[]> {
  const content = readFileSync(builtExecutable());
  const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_windowLog]: 27 };
  return [
    atMost("executable, linux x64", content.length, 135e6),
    atMost("compressed download (zstd -19)", zstdCompressSync(content, { params }).length, 50e6),
  ];
}

function atMost(what: string, sizeBytes: number, limitBytes: number): Row {
  return { what, ours: mb(sizeBytes), target: `≤ ${mb(limitBytes)}`, holds: sizeBytes <= limitBytes };
}
