import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import type { BlobFile } from "./command.ts";

/** Where values too large for a row live. Only the writer writes and removes. */
export interface BlobFiles {
  /** Returns when the files and their folder entries are on disk; one that is there already costs nothing. */
  write(files: readonly BlobFile[]): void;
  read(digest: string): Uint8Array | undefined;
  remove(digest: string): void;
  /** Digests of all files that are older than `beforeMs` (epoch ms). */
  list(beforeMs: number): readonly string[];
}

/** Blob files in a folder, two levels deep by digest. The folder is made when it is missing. */
export function openBlobFiles(folder: string): BlobFiles {
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) syncFolder(path.dirname(folder));
  const place = (digest: string): string => {
    const hex = hexOf(digest);
    return path.join(folder, hex.slice(0, 2), hex);
  };
  return {
    write: (files) => writeAll(folder, files, place),
    read: (digest) => (existsSync(place(digest)) ? readFileSync(place(digest)) : undefined),
    remove: (digest) => rmSync(place(digest), { force: true }),
    list: (beforeMs) => listOlder(folder, beforeMs),
  };
}

const DIGEST = /^sha256:([0-9a-f]{64})$/;

function hexOf(digest: string): string {
  const hex = DIGEST.exec(digest)?.[1];
  if (hex === undefined)
    throw new Error(`Cannot use "${digest}" as a blob's digest: it is not sha256: and 64 hexadecimal digits`);
  return hex;
}

function writeAll(folder: string, files: readonly BlobFile[], place: (digest: string) => string): void {
  const touched = new Set<string>();
  for (const file of files) {
    const target = place(file.digest);
    if (existsSync(target)) continue;
    const parent = path.dirname(target);
    if (!existsSync(parent)) {
      mkdirSync(parent, { mode: 0o700 });
      touched.add(folder);
    }
    writeDurably(`${target}.new`, file.bytes);
    renameSync(`${target}.new`, target);
    touched.add(parent);
  }
  for (const one of touched) syncFolder(one);
}

function writeDurably(file: string, bytes: Uint8Array): void {
  const fd = openSync(file, "w", 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function listOlder(folder: string, beforeMs: number): readonly string[] {
  const found: string[] = [];
  for (const shelf of readdirSync(folder)) {
    for (const name of readdirSync(path.join(folder, shelf))) {
      if (statSync(path.join(folder, shelf, name)).mtimeMs < beforeMs) found.push(`sha256:${name}`);
    }
  }
  return found;
}
