import type { WriteFailure } from "./command.ts";

const SQLITE_REASONS: Readonly<Record<number, WriteFailure["reason"]>> = {
  8: "DATA_NOT_WRITABLE",
  10: "INTERNAL",
  11: "DATA_CORRUPT",
  13: "DISK_FULL",
  14: "DATA_NOT_WRITABLE",
  26: "DATA_CORRUPT",
};

const SYSTEM_REASONS: Readonly<Record<string, WriteFailure["reason"]>> = {
  ENOSPC: "DISK_FULL",
  EDQUOT: "DISK_FULL",
  EFBIG: "DISK_FULL",
  EACCES: "DATA_NOT_WRITABLE",
  EPERM: "DATA_NOT_WRITABLE",
  EROFS: "DATA_NOT_WRITABLE",
  ENOTDIR: "DATA_NOT_WRITABLE",
};

/**
 * Turns what SQLite or the file system threw into plain data. Codes are those of SQLite (`errcode`) and of the system
 * (`code`); anything else is INTERNAL.
 *
 * @see https://sqlite.org/rescode.html
 */
export function writeFailure(error: unknown): WriteFailure {
  if (!(error instanceof Error)) return { reason: "INTERNAL", message: String(error) };
  if ("errcode" in error && typeof error.errcode === "number") {
    const reason = SQLITE_REASONS[error.errcode & 0xff] ?? "INTERNAL";
    return { reason, message: error.message, code: `SQLITE_${error.errcode}` };
  }
  if ("code" in error && typeof error.code === "string") {
    return { reason: SYSTEM_REASONS[error.code] ?? "INTERNAL", message: error.message, code: error.code };
  }
  return { reason: "INTERNAL", message: error.message };
}

/** Whether the whole group is lost with this error: the disk or the file failed, not the statement. */
export function losesGroup(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  const primary = error.errcode & 0xff;
  return primary in SQLITE_REASONS || primary === 7;
}
