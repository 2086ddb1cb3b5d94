import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { offlineCommand } from "./offline-command.ts";
import { countTests, type TestCounts } from "./test-counts.ts";

const root = resolve(import.meta.dirname, "..");
const report = join(root, ".cache/test-report.json");

process.exitCode = runEverything();

/** Runs every step even after one failed, so that one run tells all; the last line of the output is the sum. */
function runEverything(): number {
  const failedSteps = [
    runStep("checks", [process.execPath, "tools/check.ts"]),
    runStep("build", [process.execPath, "packaging/src/build.ts"]),
  ].filter((isOk) => !isOk).length;
  const tests = runTests();
  const failed = tests.failed + failedSteps;
  console.log(`${tests.passed} passed, ${failed} failed, ${tests.skipped} skipped`);
  return failed === 0 ? 0 : 1;
}

function runTests(): TestCounts {
  mkdirSync(join(root, ".cache"), { recursive: true });
  rmSync(report, { force: true });
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const isOk = runStep("tests", offlineCommand([process.execPath, vitest, "run", ...reporters]));
  return existsSync(report) ? countTests(report, isOk) : { passed: 0, failed: 1, skipped: 0 };
}

function runStep(name: string, command: readonly string[]): boolean {
  const [file = "", ...args] = command;
  // The test runner keeps a file of its own in the user's data folder: here it stays in the tree.
  const env = { ...process.env, XDG_DATA_HOME: join(root, ".cache/data") };
  const { status, error } = spawnSync(file, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  if (error !== undefined) console.error(`Cannot run ${name}: ${error.message}`);
  if (status !== 0) console.error(`${name}: failed`);
  return status === 0;
}
