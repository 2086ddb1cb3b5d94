import { createRequire, Module } from "node:module";
import { getRawAsset } from "node:sea";
import { zstdDecompressSync } from "node:zlib";

/** Name of an embedded asset: a file of the payload, the manifest, or the extraction code. */
export type AssetName = string;

/** Content of a compressed asset. Throws when its checksum does not hold. */
export function readEmbedded(name: AssetName): Buffer {
  return zstdDecompressSync(new Uint8Array(getRawAsset(name)));
}

/** Runs an embedded CommonJS module without touching the disk and returns what it exports. */
export function loadEmbedded(name: AssetName, filename: string): unknown {
  const module = new CompilableModule(filename);
  module.filename = filename;
  module.require = createRequire(filename);
  module._compile(readEmbedded(name).toString("utf8"), filename);
  return module.exports;
}

interface Compilable extends Module {
  _compile(source: string, filename: string): unknown;
}

/** Node documents `_compile` for loaders but leaves it out of its types. */
const CompilableModule = Module as unknown as new (id: string) => Compilable;
