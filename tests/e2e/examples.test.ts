import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memberAt, startService, startTestPlatform, type TestHome } from "./platform-fixture.ts";

let platform: TestHome;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform?.remove());

/** Applies an example and gives the words that run it. */
async function apply(example: string): Promise<void> {
  const { status, stderr } = await platform.run(["apply", "-f", `examples/${example}/workflow.yaml`]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
}

describe("examples", () => {
  test("data-flow sums a real input file", async () => {
    await apply("data-flow");
    const output = await platform.json(["run", "data-flow", "--input", "examples/data-flow/input.json"]);
    expect(output).toEqual({
      customersSeen: 3,
      discounts: [
        { customer: "ada", percent: 10 },
        { customer: "cleo", percent: 5 },
      ],
    });
  });

  test("flaky-service is retried until it answers, with one key for all tries", async () => {
    await apply("flaky-service");
    const service = await startService("examples/flaky-service/service.mjs");
    try {
      const input = JSON.stringify({ service: service.address, item: "lamp", quantity: 2 });
      const output = await platform.json(["run", "flaky-service", "--input", input]);
      expect(output).toEqual({ id: "r-1", item: "lamp", attempts: 3 });
    } finally {
      await service.stop();
    }
  });

  test("fork-join joins branches and lets the first win", async () => {
    await apply("fork-join");
    const output = await platform.json(["run", "fork-join", "--input", "examples/fork-join/input.json"]);
    expect(output).toEqual({ celsius: 20, fahrenheit: 68, kelvin: 293.15, winner: "quick" });
  });

  test("order-events waits for an event and announces another", async () => {
    await apply("order-events");
    const { stdout } = await platform.run(["run", "order-events", "--detach"]);
    const id = stdout.trim();
    const published = await platform.json(["event", "publish", "-f", "examples/order-events/payment.json", "--json"]);
    expect(published).toEqual({ id: "payment-7", accepted: true, delivered: 1 });
    expect(await platform.json(["watch", id])).toEqual({ shipped: 7 });
    const report = await platform.json(["watch", id, "--json"]);
    expect(memberAt(report, ["emitted", "0", "data"])).toEqual({ order: 7 });
  });

  test("long-wait survives a restart of everything", async () => {
    await apply("long-wait");
    const { stdout } = await platform.run(["run", "long-wait", "--detach", "--input", "examples/long-wait/input.json"]);
    const id = stdout.trim();
    await platform.run(["down"]);
    const up = await platform.run(["up", "--port", "0"]);
    expect(up.status).toBe(0);
    expect(await platform.json(["watch", id])).toBe("good morning, ada");
  });
});
