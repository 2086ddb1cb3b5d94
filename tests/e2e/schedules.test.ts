import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memberAt, startTestPlatform, type TestHome } from "./platform-fixture.ts";

let platform: TestHome;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform?.remove());

/** Applies a workflow with this schedule whose output is its input. */
async function apply(name: string, schedule: string): Promise<void> {
  const file = join(platform.home, `${name}.yaml`);
  const head = `document: {dsl: "1.0.3", namespace: default, name: ${name}, version: "1.0.0"}`;
  writeFileSync(file, `${head}\nschedule: ${schedule}\ndo: [{one: {set: "\${ {got: .} }"}}]\n`);
  await platform.text(["apply", "-f", file]);
}

/** Waits until so many runs of a workflow have ended well; gives their outputs, the newest first. */
async function outputs(name: string, count: number): Promise<readonly unknown[]> {
  const deadlineMs = Date.now() + 30_000;
  for (;;) {
    const all = (await platform.json(["list", "executions", "-o", "json"])) as readonly unknown[];
    const own = all.filter((one) => memberAt(one, ["target", "name"]) === name);
    const ended = own.filter((one) => memberAt(one, ["output"]) !== undefined);
    if (ended.length >= count) return ended.map((one) => memberAt(one, ["output", "got"]));
    if (Date.now() > deadlineMs)
      throw new Error(`only ${ended.length} runs of "${name}" ended: ${JSON.stringify(own)}`);
  }
}

const publish = (type: string, id: string) =>
  platform.text(["event", "publish", "--type", type, "--id", id, "--data", JSON.stringify({ id })]);

describe("schedules", () => {
  test("start runs by time", async () => {
    await apply("ticking", "{every: PT1S}");
    expect((await outputs("ticking", 2)).slice(-2)).toEqual([{}, {}]);
    await platform.text(["delete", "workflow", "ticking"]);
  });

  test("start a run for each set of events, also over a restart of everything", async () => {
    await apply("on-order", "{on: {all: [{with: {type: placed}}, {with: {type: paid}}]}}");
    await publish("placed", "a");
    await publish("placed", "b");
    await publish("paid", "c");
    expect(await outputs("on-order", 1)).toEqual([[{ id: "a" }, { id: "c" }]]);
    await platform.text(["restart"]);
    await publish("paid", "d");
    expect(await outputs("on-order", 2)).toEqual([
      [{ id: "b" }, { id: "d" }],
      [{ id: "a" }, { id: "c" }],
    ]);
  });
});
