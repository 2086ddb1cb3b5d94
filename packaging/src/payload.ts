import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import { BUILD_PLACEHOLDER, type BuiltFile } from "./bundle.ts";
import type { Manifest } from "./manifest.ts";
import { MAIN_EXECUTABLE } from "./roles.ts";
import { sha256 } from "./sha256.ts";

/** Starts the agent runner, for supervisors and people who want a script to point at. */
export const AGENT_RUNNER_SCRIPT: BuiltFile = {
  path: "agent-runner/run.sh",
  mode: 0o700,
  content: Buffer.from(`#!/bin/sh\nexec "\${0%/*}/../${MAIN_EXECUTABLE}" __run agent-runner "$@"\n`),
};

/** Digest of everything that makes an executable what it is, as long as the placeholder that it replaces. */
export function buildDigest(parts: readonly BuiltFile[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.path}\0${part.mode}\0${sha256(part.content)}\n`);
  return hash.digest("hex").slice(0, BUILD_PLACEHOLDER.length);
}

/** The same file with the build digest in place of every placeholder; its size does not change. */
export function stampBuild(file: BuiltFile, build: string): BuiltFile {
  if (!file.content.includes(BUILD_PLACEHOLDER)) return file;
  return { ...file, content: Buffer.from(file.content.toString("utf8").replaceAll(BUILD_PLACEHOLDER, build)) };
}

/** Lists the files of a payload with their digests. */
export function describePayload(version: string, build: string, files: readonly BuiltFile[]): Manifest {
  return {
    id: `${version}+${build}`,
    version,
    files: files.map(({ path, mode, content }) => ({ path, mode, sizeBytes: content.length, sha256: sha256(content) })),
  };
}

/** Compresses a file into a cache keyed by content and level, and returns where the result lies. */
export function compressCached(content: Buffer, cacheFolder: string, level: number): string {
  const target = join(cacheFolder, `${sha256(content)}-${level}.zst`);
  if (existsSync(target) && readFileSync(target).length > 0) return target;
  mkdirSync(cacheFolder, { recursive: true });
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  const staged = `${target}.${process.pid}`;
  writeFileSync(staged, zstdCompressSync(content, { params, pledgedSrcSize: content.length }));
  renameSync(staged, target);
  return target;
}
