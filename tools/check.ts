import { spawnSync } from "node:child_process";
import { ROOT } from "./source-files.ts";

/** Everything that must hold before any test runs: name, command. */
const CHECKS: readonly (readonly [name: string, command: readonly string[]])[] = [
  ["format and lint", ["biome", "check", "--max-diagnostics=20", "."]],
  ["types", ["tsc", "-p", "tsconfig.json"]],
  ["types of pure packages", ["tsc", "-p", "tsconfig.pure.json"]],
  ["import law", ["node", "tools/check-imports.ts"]],
  ["sizes", ["node", "tools/check-sizes.ts"]],
  ["documented exports", ["node", "tools/check-docs.ts"]],
  ["words", ["node", "tools/check-words.ts"]],
  ["dead code", ["knip", "--no-config-hints"]],
  ["contract and generated code", ["node", "tools/check-generated.ts"]],
];

const failed = CHECKS.filter(([name, [file = "", ...args]]) => {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(file, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 64_000_000 });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (status !== 0) console.log(`${stdout}${stderr}`);
  return status !== 0;
});
process.exitCode = failed.length === 0 ? 0 : 1;
