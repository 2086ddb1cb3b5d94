import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A log file that is renamed to `.1`, `.2` … when it grows, while it is written. */
export interface RotatingLog {
  /** Takes any piece of output; rotation happens only between pieces. */
  write(chunk: Buffer | string): void;
  close(): void;
}

export interface OpenRotatingLogParams {
  readonly path: string;
  /** 10 MB when absent. */
  readonly maxBytes?: number;
  /** Old files that are kept; 3 when absent. */
  readonly keep?: number;
}

/** Opens (or continues) the log. A full disk loses log lines, never the process. */
export function openRotatingLog(params: OpenRotatingLogParams): RotatingLog {
  const { path, maxBytes = 10_000_000, keep = 3 } = params;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file = openSync(path, "a", 0o600);
  let size = fstatSync(file).size;
  const rotate = () => {
    closeSync(file);
    rmSync(`${path}.${keep}`, { force: true });
    for (let n = keep - 1; n >= 1; n--) renameIfThere(`${path}.${n}`, `${path}.${n + 1}`);
    renameIfThere(path, `${path}.1`);
    file = openSync(path, "a", 0o600);
    size = 0;
  };
  return {
    write(chunk) {
      try {
        if (size > 0 && size + chunk.length > maxBytes) rotate();
        size += typeof chunk === "string" ? writeSync(file, chunk) : writeSync(file, chunk);
      } catch (error) {
        if (!isDiskFull(error)) throw error;
      }
    },
    close: () => closeSync(file),
  };
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}
