import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const executable = join(root, "dist/stigmer");

/** What a newcomer would type, in this order, in the root of the repository. */
const STEPS: readonly (readonly string[])[] = [
  ["up", "--port", "0"],
  ["apply", "-f", "examples/data-flow/workflow.yaml"],
  ["run", "data-flow", "--input", "examples/data-flow/input.json"],
  ["apply", "-f", "examples/reviewer/agent.yaml", "-f", "examples/reviewer/workflow.yaml"],
  ["run", "reviewer", "--message", "May release 2.4 go out?", "--workspace", "examples/reviewer/notes"],
  ["run", "release-gate", "--input", JSON.stringify({ release: "2.4", notes: join(root, "examples/reviewer/notes") })],
  ["status"],
];

process.exitCode = await demonstrate();

/** Runs the steps in a home of its own, keeps the platform up for a person at a terminal, and leaves nothing behind. */
async function demonstrate(): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), "stigmer-run-"));
  const interrupted = watchInterrupt();
  try {
    for (const step of STEPS) {
      const exitCode = await runStep(home, step);
      if (exitCode !== 0) return interrupted.aborted ? 130 : exitCode;
    }
    if (process.stdin.isTTY && process.stdout.isTTY) await waitForInterrupt(home, interrupted);
    return 0;
  } finally {
    await runStep(home, ["down"]);
    rmSync(home, { recursive: true, force: true });
  }
}

async function runStep(home: string, args: readonly string[]): Promise<number> {
  console.log(`\n$ stigmer ${args.map(quoteForShell).join(" ")}`);
  const env = { ...process.env, STIGMER_HOME: home };
  const child = spawn(executable, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((ended, failed) => {
    child.once("error", failed);
    child.once("close", (code) => ended(code ?? 1));
  });
}

function quoteForShell(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The first Ctrl-C (or TERM) ends the demonstration; the platform is then stopped as at any other end. */
function watchInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

async function waitForInterrupt(home: string, interrupted: AbortSignal): Promise<void> {
  console.log(`\nThe platform stays up. Try it from another terminal, Ctrl-C here stops it:`);
  console.log(`  export STIGMER_HOME=${home} PATH=${join(home, "bin")}:$PATH\n  stigmer list`);
  if (interrupted.aborted) return;
  const keepAlive = setInterval(() => undefined, 60_000);
  await new Promise((done) => interrupted.addEventListener("abort", done, { once: true }));
  clearInterval(keepAlive);
}
