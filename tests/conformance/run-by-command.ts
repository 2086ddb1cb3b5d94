import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { RunDocument } from "./run-document.ts";

const CLI = join(import.meta.dirname, "../../packages/cli/src/main.ts");
const DEADLINE_MS = 60_000;

/** Runs a document with `stigmer run --local --json`, as a user would. */
export const runByCommand: RunDocument = async ({ definition, input, rewrite }) => {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    const file = join(folder, "workflow.yaml");
    writeFileSync(file, definition);
    const given = input === undefined ? [] : ["--input", JSON.stringify(input)];
    const rules = rewrite.flatMap(({ from, to }) => ["--rewrite", `${from}=${to}`]);
    const output = await runStigmer(["run", "--local", "-f", file, ...given, ...rules, "--json"], folder);
    return JSON.parse(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** What the command printed; its exit code says how the run ended, which the printed object says better. */
async function runStigmer(args: readonly string[], home: string): Promise<string> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH, STIGMER_HOME: home, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: DEADLINE_MS,
  });
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (output === "") throw new Error(`stigmer ${args.join(" ")} printed nothing: ${complaints}`);
  return output;
}
