import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createTestHome, memberAt } from "./platform-fixture.ts";
import { isRunning, listProcesses } from "./process-table.ts";

const UNTIL = { timeout: 30_000, interval: 100 } as const;
const canMount = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
if (!canMount) console.log("full disk: skipped, this machine lets us mount nothing (needs root)");

/** A small disk that is unmounted when the test ends. */
function createSmallDisk(size: string): string {
  const folder = mkdtempSync(join(tmpdir(), "stigmer-small-"));
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", folder], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Cannot mount: ${stderr}`);
  onTestFinished(() => {
    spawnSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function fill(folder: string): string {
  const ballast = join(folder, "ballast");
  spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=4k"]);
  return ballast;
}

function largeDocument(n: number): string {
  const ballast = "x".repeat(100_000);
  return `document: { dsl: "1.0.3", namespace: tests, name: more-${n}, version: "1.0.0" }\n# ${ballast}\ndo:\n  - a: { set: { n: ${n} } }\n`;
}

describe.runIf(canMount)("a disk that is full", () => {
  test("under the data: refused clearly, nothing is lost, and it goes on when there is room", async () => {
    const home = createTestHome();
    const disk = createSmallDisk("24m");
    onTestFinished(() => home.remove());
    mkdirSync(join(disk, "data"), { mode: 0o700 });
    symlinkSync(join(disk, "data"), join(home.home, "data"));
    await home.text(["up", "--port", "0"]);
    await home.text(["apply", "-f", "examples/order-events/workflow.yaml"]);
    const id = (await home.text(["run", "order-events", "--detach"])).trim();

    const ballast = fill(disk);
    const refusals: string[] = [];
    for (let n = 0; n < 4; n++) {
      const { status, stderr } = await home.run(["apply", "-f", "-"], { input: largeDocument(n) });
      if (status !== 0) refusals.push(stderr);
    }
    expect(refusals.length).toBeGreaterThan(0);
    for (const refusal of refusals) expect(refusal).toMatch(/^Error: Cannot .*/);
    expect(refusals[0]).toMatch(/disk is full[\s\S]*try: free space/);
    await vi.waitFor(async () => expect((await home.run(["status"])).stdout).toContain("disk is full"), UNTIL);

    rmSync(ballast);
    await home.text(["restart", "--port", "0", "--now"]);
    await home.text(["apply", "-f", "-"], { input: largeDocument(9) });
    await home.text(["event", "publish", "-f", "examples/order-events/payment.json"]);
    expect(await home.json(["watch", id])).toEqual({ shipped: 7 });
  });

  test("under the whole home: status and down still work", async () => {
    const home = createTestHome();
    const disk = createSmallDisk("400m");
    onTestFinished(() => home.remove());
    const env = { STIGMER_HOME: disk };
    await home.text(["up", "--port", "0"], { env });
    onTestFinished(async () => void (await home.run(["down"], { env })));
    fill(disk);
    const state: unknown = JSON.parse(readFileSync(join(disk, "run/state.json"), "utf8"));
    const runner = Number(memberAt(state, ["components", "workflow-runner", "process", "pid"]));
    process.kill(runner, "SIGKILL"); // what the supervisor knows now cannot be written down
    await vi.waitFor(() => expect(isRunning(runner)).toBe(false), UNTIL);
    expect((await home.run(["status"], { env })).status).toBe(1);
    expect((await home.run(["down"], { env })).status).toBe(0);
    expect(listProcesses(`STIGMER_HOME=${disk}`)).toEqual([]);
  });
});
