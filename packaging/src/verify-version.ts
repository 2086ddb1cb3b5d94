import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "./manifest.ts";
import { EXECUTABLES } from "./roles.ts";
import { RUNNING_FILE } from "./running-file.ts";

/** A file of a version folder that is not as it was extracted. */
export interface Damage {
  readonly path: string;
  readonly state: "missing" | "changed";
}

/** Reads every file of a version folder and compares it with the manifest, the executables with the running one. */
export function findDamage({ folder, manifest }: { folder: string; manifest: Manifest }): Damage[] {
  const files = manifest.files.map((file) => compare(folder, file.path, () => file.sha256));
  const own = onceOnly(() => digestFile(RUNNING_FILE));
  const executables = EXECUTABLES.map((name) =>
    isSameFile(join(folder, name)) ? undefined : compare(folder, name, own),
  );
  return [...files, ...executables].filter((damage) => damage !== undefined);
}

function compare(folder: string, path: string, expected: () => string): Damage | undefined {
  try {
    return digestFile(join(folder, path)) === expected() ? undefined : { path, state: "changed" };
  } catch {
    return { path, state: "missing" };
  }
}

function isSameFile(file: string): boolean {
  try {
    const [theirs, ours] = [statSync(file), statSync(RUNNING_FILE)];
    return theirs.ino === ours.ino && theirs.dev === ours.dev;
  } catch {
    return false;
  }
}

function digestFile(file: string): string {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(1 << 20);
  const descriptor = openSync(file, "r");
  try {
    for (;;) {
      const read = readSync(descriptor, chunk);
      if (read === 0) return hash.digest("hex");
      hash.update(chunk.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
}

function onceOnly<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
