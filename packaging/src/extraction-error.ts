/** Why a version folder could not be written, in words that a person can act on. Becomes the "Details" of the message. */
export class ExtractionError extends Error {
  override readonly name = "ExtractionError";
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  EPERM: "not permitted",
  ENOENT: "a part of the path does not exist and cannot be created",
  ENOTDIR: "a part of the path is a file, not a folder",
  ELOOP: "the path is a circle of links",
  ENAMETOOLONG: "the path is too long",
};

/** Runs one step on the disk and turns a refusal of the system into words with the path in question. */
export function explaining<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    const code = errorCode(error);
    const words = code === undefined ? undefined : EXPLANATIONS[code];
    if (words === undefined) throw error;
    throw new ExtractionError(`cannot write ${path}: ${words} (${code})`, { cause: error });
  }
}

/** The system's word for an error, like `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
