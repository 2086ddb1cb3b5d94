import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

/** What one build is asked for. All paths are absolute. */
export interface BuildOptions {
  /** Root of this repository: caches and npm packages lie below it. */
  readonly root: string;
  /** Root of the tree whose role entries are bundled; the repository unless a test brings its own. */
  readonly sources: string;
  readonly version: string;
  readonly output: string;
  readonly zstdLevel: number;
}

const DEVELOPMENT_LEVEL = 12;
const RELEASE_LEVEL = 19;

/**
 * Reads `--version`, `--sources` and `--output`; RELEASE=1 in the environment packs as small as it gets.
 *
 * Defaults: the version of package.json, this repository, `dist/stigmer`.
 */
export function readBuildOptions(args: readonly string[], env: NodeJS.ProcessEnv): BuildOptions {
  const root = resolve(import.meta.dirname, "../..");
  const { values } = parseArgs({
    args: [...args],
    options: { version: { type: "string" }, sources: { type: "string" }, output: { type: "string" } },
  });
  return {
    root,
    sources: resolve(values.sources ?? root),
    version: values.version ?? packageVersion(root),
    output: resolve(values.output ?? join(root, "dist/stigmer")),
    zstdLevel: env.RELEASE === "1" ? RELEASE_LEVEL : DEVELOPMENT_LEVEL,
  };
}

function packageVersion(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (
    typeof manifest === "object" &&
    manifest !== null &&
    "version" in manifest &&
    typeof manifest.version === "string"
  ) {
    return manifest.version;
  }
  throw new Error(`Cannot read the version of ${join(root, "package.json")}`);
}
