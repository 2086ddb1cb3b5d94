import { closeSync, fstatSync, openSync, readSync, watch } from "node:fs";
import { dirname } from "node:path";

/** A file that grows, and how far it has been read. */
export interface FollowedFile {
  readonly path: string;
  /** Bytes that were read already. */
  readonly position: number;
  /** Descriptor that they were read from, closed at the end; undefined when there was no file. */
  readonly file: number | undefined;
}

export interface FollowFilesParams {
  /** All in one folder. */
  readonly files: readonly FollowedFile[];
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Events of the folder may come late or not at all (network file systems): look at least so often. */
const LOOK_MS = 1_000;

/**
 * Writes what is appended to the files until the signal aborts. A file that was renamed away (rotation) is read to its
 * end before its successor begins: no line is lost.
 */
export async function followFiles({ files, write, signal }: FollowFilesParams): Promise<void> {
  const [first] = files;
  if (first === undefined || signal.aborted) return;
  const readers = files.map((file) => createReader(file, write));
  const look = () => {
    for (const reader of readers) reader.readOn();
  };
  const watcher = watch(dirname(first.path), look);
  const timer = setInterval(look, LOOK_MS);
  look();
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  look();
  clearInterval(timer);
  watcher.close();
  for (const reader of readers) reader.close();
}

function createReader(followed: FollowedFile, write: (text: string) => void) {
  let { position, file } = followed;
  const decoder = new TextDecoder();
  const readRest = () => {
    if (file === undefined) return;
    for (let size = fstatSync(file).size; size > position; ) {
      const chunk = Buffer.alloc(Math.min(size - position, 1 << 16));
      const length = readSync(file, chunk, 0, chunk.length, position);
      if (length === 0) return;
      position += length;
      write(decoder.decode(chunk.subarray(0, length), { stream: true }));
    }
  };
  return {
    readOn() {
      readRest();
      const current = openIfThere(followed.path);
      if (current === undefined) return;
      if (file !== undefined && fstatSync(file).ino === fstatSync(current).ino) return closeSync(current);
      readRest();
      if (file !== undefined) closeSync(file);
      file = current;
      position = 0;
      readRest();
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
