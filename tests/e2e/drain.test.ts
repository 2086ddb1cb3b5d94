import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { memberAt, startTestPlatform, type TestHome } from "./platform-fixture.ts";

const UNTIL = { timeout: 20_000, interval: 50 } as const;

async function freshPlatform(): Promise<TestHome> {
  const platform = await startTestPlatform();
  onTestFinished(() => platform.remove());
  return platform;
}

/** Starts a workflow whose one command writes a line, takes its time and writes another; resolves when it runs. */
async function startCommand(platform: TestHome, seconds: number) {
  const marks = join(platform.home, "marks.txt");
  const file = join(platform.home, "slow.yaml");
  const command = `echo begun >> ${marks}; sleep ${seconds}; echo ended >> ${marks}`;
  const head = `document: {dsl: "1.0.3", namespace: default, name: slow, version: "1.0.0"}`;
  const task = `do: [{work: {metadata: {stigmer: {onCrash: repeat}}, run: {shell: {command: "${command}"}}}}]`;
  writeFileSync(file, `${head}\n${task}\n`);
  const id = (await platform.text(["run", "-f", file, "--detach"])).trim();
  await vi.waitFor(() => expect(existsSync(marks)).toBe(true), UNTIL);
  return { id, lines: () => readFileSync(marks, "utf8").trim().split("\n") };
}

async function phaseOf(platform: TestHome, id: string): Promise<unknown> {
  return memberAt(await platform.json(["get", id, "-o", "json"]), ["phase"]);
}

describe("a running effect", () => {
  test("ends before down stops the platform, and is not repeated", async () => {
    const platform = await freshPlatform();
    const { id, lines } = await startCommand(platform, 7);
    const { status, stderr } = await platform.run(["down"]);
    expect({ status, lines: lines() }).toEqual({ status: 0, lines: ["begun", "ended"] });
    expect(stderr).toContain("waiting up to 30 s for running effects");
    await platform.text(["up", "--port", "0"]);
    await vi.waitFor(async () => expect(await phaseOf(platform, id)).toBe("completed"), UNTIL);
    expect(lines()).toEqual(["begun", "ended"]);
  });

  test("is broken off by restart --now and decided by its crash class", async () => {
    const platform = await freshPlatform();
    const { lines } = await startCommand(platform, 25);
    const startedAt = Date.now();
    await platform.text(["restart", "--now", "--port", "0"]);
    expect(Date.now() - startedAt).toBeLessThan(8_000);
    await vi.waitFor(() => expect(lines()).toEqual(["begun", "begun"]), UNTIL);
  });

  test("is broken off by a second down that does not want to wait", async () => {
    const platform = await freshPlatform();
    const { lines } = await startCommand(platform, 25);
    const first = platform.start(["down"]);
    await new Promise((resolve) => first.child.stderr?.once("data", resolve));
    const startedAt = Date.now();
    await platform.text(["down", "--now"]);
    expect((await first.ended).status).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(8_000);
    expect(lines()).toEqual(["begun"]);
  });
});

test("down ends at once when nothing runs", async () => {
  const platform = await freshPlatform();
  const startedAt = Date.now();
  expect(await platform.run(["down"])).toMatchObject({ status: 0, stderr: "stigmer stopped\n" });
  expect(Date.now() - startedAt).toBeLessThan(4_000);
});
