import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The content of a file that only this user may read; made with mode 0600 in a 0700 folder when it is absent. Two
 * processes that make it at the same time get the same content.
 */
export function readOrMakePrivateFile(path: string, make: () => Uint8Array): Buffer {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  createExclusively(path, make);
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  return readFileSync(path);
}

function createExclusively(path: string, make: () => Uint8Array): void {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    throw error;
  }
  try {
    writeSync(file, make());
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
