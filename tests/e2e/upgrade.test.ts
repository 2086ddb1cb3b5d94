import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startTouchCounter } from "../faults/touch-counter.ts";
import { memberAt, ROOT, startTestPlatform, type TestHome } from "./platform-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "stigmer-upgrade-"));
const newer = join(folder, "stigmer");
beforeAll(() => {
  const args = [join(ROOT, "packaging/src/build.ts"), "--version", "9.9.9", "--output", newer];
  const built = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`Cannot build version 9.9.9: ${built.stderr}`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WORKFLOW = `document: { dsl: "1.0.3", namespace: tests, name: mixed, version: "1.0.0" }
do:
  - begin: { set: "\${ . }", export: { as: "\${ {} }" } }
  - touch:
      call: http
      with: { method: post, endpoint: "\${ $workflow.input.address }", body: { step: "\${ $workflow.input.step }" } }
  - shell: { run: { shell: { command: "sleep 0.2; echo done" } }, metadata: { stigmer: { onCrash: repeat } } }
  - wait: { wait: { milliseconds: 500 } }
  - listen: { listen: { to: { one: { with: { type: com.example.go } } } } }
  - after: { set: { step: "\${ $workflow.input.step }" } }
`;

async function versionOf(platform: TestHome): Promise<unknown> {
  return memberAt(await platform.json(["status", "--json"]), ["version"]);
}

describe("another version", () => {
  test("takes over with running executions, and gives them back", async () => {
    const platform = await startTestPlatform();
    const counter = await startTouchCounter(300);
    onTestFinished(async () => {
      await platform.remove();
      await counter.close();
    });
    const older = String(await versionOf(platform));
    writeFileSync(join(platform.home, "mixed.yaml"), WORKFLOW);
    await platform.text(["apply", "-f", join(platform.home, "mixed.yaml")]);
    const start = async (step: string) =>
      (
        await platform.text(["run", "mixed", "-d", "--input", JSON.stringify({ address: counter.address, step })])
      ).trim();
    const ids = [...(await Promise.all(["a", "b", "c", "d"].map(start)))];

    // A newer command works with the older server, and changes nothing by itself.
    expect(
      (await platform.run(["list", "executions", "-o", "name"], { executable: newer })).stdout.trim().split("\n"),
    ).toHaveLength(4);
    const up = await platform.run(["up"], { executable: newer });
    expect(up).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`stigmer ${older} is running, this is 9.9.9: stigmer restart`),
    });
    expect(await versionOf(platform)).toBe(older);

    const upgrade = await platform.run(["restart", "--port", "0"], { executable: newer });
    expect({ status: upgrade.status, stderr: upgrade.stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    expect(await versionOf(platform)).toBe("9.9.9");
    ids.push(...(await Promise.all(["e", "f"].map(start))));

    const downgrade = await platform.run(["restart", "--port", "0", "--now"]);
    expect({ status: downgrade.status, stderr: downgrade.stderr }).toEqual({ status: 0, stderr: expect.any(String) });
    expect(await versionOf(platform)).toBe(older);

    await platform.text(["event", "publish", "--type", "com.example.go"]);
    const outputs = await Promise.all(ids.map((id) => platform.json(["watch", id])));
    expect(outputs).toEqual(["a", "b", "c", "d", "e", "f"].map((step) => ({ step })));
    const recorded = new Set(counter.touches.map(({ key }) => key));
    expect(recorded.size).toBe(6); // one key per step, however often it was touched
  });
});
