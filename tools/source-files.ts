import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Root of the source tree. */
export const ROOT = resolve(import.meta.dirname, "..");

/** A file of the tree with its text. `path` is relative to the root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** All files that git knows or would take, except what `accept` refuses. */
export function readSourceFiles(accept: (path: string) => boolean): readonly SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64_000_000,
  });
  const paths = [...new Set(listed.split("\0"))].filter((path) => path !== "" && accept(path));
  return paths.flatMap((path) => {
    const text = readIfThere(join(ROOT, path));
    return text === undefined ? [] : [{ path, text }];
  });
}

/** TypeScript that people write: no generated code. */
export function isOwnTypeScript(path: string): boolean {
  return path.endsWith(".ts") && !path.includes("/gen/");
}

/** Tests and their suites, which may be long. */
export function isTest(path: string): boolean {
  return /\.(test|testsuite)\.ts$/.test(path) || path.startsWith("tests/");
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // deleted in the working tree, not yet in the index
  }
}
