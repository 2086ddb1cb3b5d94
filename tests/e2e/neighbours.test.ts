import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@stigmer/sdk";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { memberAt, startTestPlatform, type TestHome } from "./platform-fixture.ts";

const HEALTHY = 50;
const head = (name: string) => `document: { dsl: "1.0.3", namespace: tests, name: ${name}, version: "1.0.0" }\n`;

const HEALTHY_WORKFLOW = `${head("healthy")}do:
  - count:
      for: { each: item, in: "\${ [range(20)] }" }
      do:
        - add: { set: "\${ $item }" }
        - rest: { wait: { milliseconds: 20 } }
  - done: { set: { ok: true } }
`;

/** Workflows that would take the runner for themselves. */
const GREEDY = [
  { what: "spins", text: `${head("greedy")}do:\n  - again: { set: { x: 1 }, then: again }\n` },
  {
    what: "spins in one expression",
    text: `${head("greedy")}do:\n  - again: { set: { x: "\${ [limit(1; repeat(1) | select(. == 2))] }" } }\n`,
  },
  {
    what: "eats memory",
    text: `${head("greedy")}do:\n  - begin: { set: "\${ [range(100)] }" }\n  - grow: { set: "\${ [.[], .[] | {value: ., text: (\\"x\\" * 1000)}] }", then: grow }\n`,
  },
  {
    what: "eats memory in one expression",
    text: `${head("greedy")}do:\n  - grow: { set: { x: "\${ reduce range(60) as $i (\\"0123456789abcdef\\"; . + .) }" } }\n`,
  },
] as const;

describe.each(GREEDY)("a run that $what", ({ text }) => {
  test("hurts none of 50 healthy ones and ends with a reason", async () => {
    const platform = await startTestPlatform();
    onTestFinished(() => platform.remove());
    for (const [name, document] of [
      ["healthy", HEALTHY_WORKFLOW],
      ["greedy", text],
    ] as const) {
      writeFileSync(join(platform.home, `${name}.yaml`), document);
      await platform.text(["apply", "-f", join(platform.home, `${name}.yaml`)]);
    }
    const half = () => startMany(platform, HEALTHY / 2);
    await half();
    const greedy = (await platform.text(["run", "greedy", "--detach"])).trim();
    await half();
    await vi.waitFor(
      async () => {
        const ended = await platform.text([
          "list",
          "executions",
          "--name",
          "healthy",
          "--phase",
          "completed",
          "-o",
          "name",
        ]);
        expect(ended.trim().split("\n")).toHaveLength(HEALTHY);
      },
      { timeout: 45_000, interval: 200 },
    );
    await vi.waitFor(
      async () => {
        const row = (await platform.json(["get", greedy, "--json"])) as object;
        expect(["faulted", "suspended"]).toContain(memberAt(row, ["phase"]));
        expect(String(memberAt(row, ["reason"]) ?? memberAt(row, ["error", "title"]))).not.toBe("");
      },
      { timeout: 45_000, interval: 200 },
    );
    await vi.waitFor(async () => expect((await platform.run(["status"])).status).toBe(0), {
      timeout: 20_000,
      interval: 100,
    });
  });
});

/** All at once, over the home's socket. */
async function startMany(platform: TestHome, count: number): Promise<void> {
  const client = createClient({ socketPath: join(platform.home, "run/stigmer.sock") });
  try {
    const executions = await client.executions();
    const target = { kind: "Workflow", name: "healthy" };
    await Promise.all(Array.from({ length: count }, () => executions.start({ target })));
  } finally {
    client.close();
  }
}
