import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acquireProcessLock } from "./process-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmer-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that takes the lock, says so, and holds it until it is killed. */
function holdLock(path: string) {
  const module = join(import.meta.dirname, "process-lock.ts");
  const program = `import { acquireProcessLock } from ${JSON.stringify(module)};
    console.log(acquireProcessLock(${JSON.stringify(path)}) ? "held" : "refused");
    process.stdin.resume();`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const said = new Promise<string>((resolve) => child.stdout.once("data", (chunk) => resolve(String(chunk).trim())));
  return { child, said };
}

describe("acquireProcessLock()", () => {
  test("lets one in, and the next as soon as that one is killed", async () => {
    const path = join(folder, "run/lock");
    const holder = holdLock(path);
    expect(await holder.said).toBe("held");
    expect(acquireProcessLock(path)).toBeUndefined();
    const gone = new Promise((resolve) => holder.child.once("exit", resolve));
    holder.child.kill("SIGKILL");
    await gone;
    const lock = acquireProcessLock(path);
    expect(lock).toBeDefined();
    lock?.release();
  });
});
