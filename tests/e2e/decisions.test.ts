import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memberAt, startTestPlatform, type TestHome } from "./platform-fixture.ts";

const QUESTION = `document: {dsl: "1.0.3", namespace: default, name: shipping, version: "1.0.0"}
do:
  - ask:
      call: human
      with:
        title: Ship it?
        outcomes: [ship, hold]
        approvers: [ada, ben]
        form: {type: object, required: [cases], properties: {cases: {type: integer}}}
  - answer: {set: {outcome: "\${ .outcome }", cases: "\${ .data.cases }", by: "\${ .by }"}}
`;

let platform: TestHome;
beforeAll(async () => {
  platform = await startTestPlatform();
  const file = join(platform.home, "shipping.yaml");
  writeFileSync(file, QUESTION);
  await platform.text(["apply", "-f", file]);
});
afterAll(() => platform?.remove());

/** Starts a run that asks, and waits until its question can be seen. */
async function ask(): Promise<string> {
  const id = (await platform.text(["run", "shipping", "--detach"])).trim();
  const deadlineMs = Date.now() + 20_000;
  while ((await platform.text(["decisions", id, "-o", "name"])) === "") {
    if (Date.now() > deadlineMs) throw new Error(`execution ${id} does not ask`);
  }
  return id;
}

const decide = (id: string, outcome: string, by: string, cases = "7") =>
  platform.run(["decide", id, outcome, "--by", by, "--data", `{"cases": ${cases}}`]);

describe("decisions", () => {
  test("an answer that fits ends the waiting, after a restart of everything too", async () => {
    const id = await ask();
    const [question] = (await platform.json(["decisions", id, "-o", "json"])) as readonly unknown[];
    expect(question).toMatchObject({ title: "Ship it?", outcomes: ["ship", "hold"], approvers: ["ada", "ben"] });
    expect(await platform.text(["decisions", "--approver", "eve"])).toBe("");
    await platform.text(["restart"]);
    expect((await decide(id, "ship", "eve")).stderr).toContain('"eve" may not decide');
    expect((await decide(id, "sink", "ada")).stderr).toContain('"sink" is none of the outcomes');
    expect((await decide(id, "ship", "ada", '"many"')).stderr).toContain("does not fit the form");
    expect(await decide(id, "ship", "ada")).toMatchObject({ status: 0, stdout: `${id} /do/0/ask#1 ship by ada\n` });
    expect((await decide(id, "ship", "ada")).status).toBe(0);
    expect((await decide(id, "hold", "ben")).stderr).toContain("decided otherwise before");
    await platform.text(["watch", id]);
    const ended = await platform.json(["get", "execution", id, "-o", "json"]);
    expect(memberAt(ended, ["output"])).toEqual({ outcome: "ship", cases: 7, by: "ada" });
    expect(await platform.text(["decisions", id])).toBe("");
  });
});
