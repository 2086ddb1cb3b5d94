import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

/** Folders that `buf generate` fills. */
const GENERATED = ["packages/api/src/gen", "packages/server/src/gen"];
const IMAGE = "proto/image/stigmer-v1.binpb";

checkContract();

/** Checks the contract: format, lint, generated code that matches it, nothing broken since the last release. */
function checkContract(): void {
  buf("format", "--diff", "--exit-code", "proto");
  buf("lint");
  buf("breaking", "--against", IMAGE);
  const different = findDifferences();
  if (different.length === 0) return;
  console.error(`Generated code differs from proto/: ${different.join(", ")}\nNext: npm run generate`);
  process.exitCode = 1;
}

function findDifferences(): readonly string[] {
  const fresh = mkdtempSync(join(tmpdir(), "stigmer-generated-"));
  try {
    buf("generate", "--output", fresh);
    return GENERATED.flatMap((folder) => differences(folder, join(fresh, folder)));
  } finally {
    rmSync(fresh, { recursive: true });
  }
}

function differences(committed: string, fresh: string): readonly string[] {
  const names = new Set([...listFiles(committed), ...listFiles(fresh)]);
  return [...names]
    .filter((name) => read(join(committed, name)) !== read(join(fresh, name)))
    .map((name) => join(committed, name));
}

function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function buf(...args: readonly string[]): void {
  execFileSync("node_modules/.bin/buf", args, { stdio: ["ignore", "inherit", "inherit"] });
}
