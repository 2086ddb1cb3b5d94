import type { Json, JsonObject } from "@stigmer/dsl";
import { describe, expect, test } from "vitest";
import { runReport } from "./index.ts";
import { runScenario, type Scenario } from "./testing.testsuite.ts";

const document = { dsl: "1.0.3", namespace: "default", name: "corpus", version: "1.0.0" };

async function reportOf(scenario: Scenario) {
  const { execution } = await runScenario(scenario);
  return runReport(execution.events, { id: execution.id, document });
}

describe("runReport()", () => {
  test("lists tasks in start order with status, start and output", async () => {
    const report = await reportOf({
      definition: { do: [{ outer: { do: [{ a: { set: { x: 1 } } }] } }, { b: { if: "false", set: { y: 1 } } }] },
    });
    const startedAt = "2026-01-01T00:00:00.000Z";
    expect(report).toMatchObject({ status: "completed", output: { x: 1 }, emitted: [] });
    expect(report.tasks).toEqual([
      { name: "outer", reference: "/do/0/outer", status: "completed", startedAt, output: { x: 1 } },
      { name: "a", reference: "/do/0/outer/do/0/a", status: "completed", startedAt, output: { x: 1 } },
      { name: "b", reference: "/do/1/b", status: "skipped", startedAt },
    ]);
    expect("error" in report).toBe(false);
  });

  test("shows a fault without unset members", async () => {
    const error = { type: "https://example.com/e", status: 418 };
    const report = await reportOf({ definition: { do: [{ a: { raise: { error } } }] } });
    const fault = { ...error, instance: "/do/0/a" };
    expect(report).toMatchObject({ status: "faulted", error: fault });
    expect(report.error).toEqual(fault);
    expect("output" in report).toBe(false);
    expect(report.tasks[0]).toMatchObject({ status: "faulted", error: fault });
  });

  test("carries emitted events and the lifecycle as CloudEvents", async () => {
    const report = await reportOf({
      definition: { do: [{ tell: { emit: { event: { with: { type: "com.example.a", data: 1 } } } } }] },
    });
    expect(report.emitted).toEqual([expect.objectContaining({ type: "com.example.a", data: 1, specversion: "1.0" })]);
    expect(report.lifecycle.map(({ type }) => type)).toEqual([
      "io.serverlessworkflow.workflow.started.v1",
      "io.serverlessworkflow.task.created.v1",
      "io.serverlessworkflow.task.started.v1",
      "io.serverlessworkflow.task.completed.v1",
      "io.serverlessworkflow.workflow.completed.v1",
    ]);
    const name = `corpus-${report.id}.default`;
    expect(report.lifecycle[0]?.data).toEqual({
      name,
      definition: { name: "corpus", namespace: "default", version: "1.0.0" },
      startedAt: "2026-01-01T00:00:00.000Z",
    });
    expect(report.lifecycle[2]?.data).toMatchObject({ workflow: name, task: "/do/0/tell" });
    expect(new Set(report.lifecycle.map(({ id }) => id)).size).toBe(5);
  });

  test("tells retries and cancelled branches", async () => {
    const report = await reportOf({
      definition: {
        do: [{ race: { fork: { compete: true, branches: [{ a: { wait: "PT1S" } }, { b: { wait: "PT5S" } }] } } }],
      },
    });
    expect(report.tasks.map(({ name, status }) => [name, status])).toEqual([
      ["race", "completed"],
      ["a", "completed"],
      ["b", "cancelled"],
    ]);
    expect(report.lifecycle.map(({ type }) => type)).toContain("io.serverlessworkflow.task.cancelled.v1");
  });

  test("tells what was listened for, with the keys that were found", async () => {
    const events = ["x", "y"].map((room, index) => ({
      afterMs: index,
      event: { specversion: "1.0", id: room, source: "s", type: "a", room },
    }));
    const one = { with: { type: "a" }, correlate: { room: { from: ".room" } } };
    const report = await reportOf({ events, definition: { do: [{ hear: { listen: { to: { one } } } }] } });
    const correlation = report.lifecycle.filter(({ type }) => String(type).includes("correlation"));
    const name = `corpus-${report.id}.default`;
    const at = "2026-01-01T00:00:00.000Z";
    expect(correlation).toMatchObject([
      { type: "io.serverlessworkflow.workflow.correlation-started.v1", data: { name, startedAt: at } },
      {
        type: "io.serverlessworkflow.workflow.correlation-completed.v1",
        data: { name, completedAt: at, correlationKeys: { room: "x" } },
      },
    ]);
  });

  test("tells that a run was suspended, with every task at work, until it is resumed", () => {
    const at = (type: string, data: Json = null) => ({ type, data, atMs: 0 });
    const task = (type: string, reference: string) => at(type, { name: "t", reference, run: 1 });
    const log = [
      at("execution.started"),
      task("task.started", "/do/0/a"),
      task("task.completed", "/do/0/a"),
      task("task.started", "/do/1/b"),
      at("execution.paused"),
    ];
    const suspended = runReport(log, { id: "wex_1", document });
    expect(suspended.status).toBe("suspended");
    const resumed = runReport([...log, at("execution.resumed")], { id: "wex_1", document });
    expect(resumed.status).toBe("running");
    expect(resumed.lifecycle.slice(-4).map(({ type, data }) => [type, (data as JsonObject).task])).toEqual([
      ["io.serverlessworkflow.workflow.suspended.v1", undefined],
      ["io.serverlessworkflow.task.suspended.v1", "/do/1/b"],
      ["io.serverlessworkflow.workflow.resumed.v1", undefined],
      ["io.serverlessworkflow.task.resumed.v1", "/do/1/b"],
    ]);
  });

  test("puts what a long loop told late where it belongs", async () => {
    const body = [
      { pause: { wait: "PT1S" } },
      { a: { if: "$item == 150", raise: { error: { type: "https://example.com/e", status: 400 } } } },
    ];
    const report = await reportOf({ definition: { do: [{ loop: { for: { in: "[range(900)]" }, do: body } }] } });
    const starts = report.tasks.filter(({ name }) => name === "pause").map(({ startedAt }) => Date.parse(startedAt));
    expect(starts).toHaveLength(151);
    expect(starts.every((at, index) => index === 0 || at === (starts[index - 1] ?? 0) + 1_000)).toBe(true);
  });

  test("takes output and error from the execution where the log leaves them out", () => {
    const log = (type: string) => [{ type, data: {}, atMs: 0 }];
    const completed = runReport(log("execution.completed"), { id: "wex_1", document, end: { output: 7 } });
    expect(completed).toMatchObject({ status: "completed", output: 7, lifecycle: [{ data: { output: 7 } }] });
    const error = { type: "https://example.com/e", status: 400 };
    const faulted = runReport(log("execution.faulted"), { id: "wex_1", document, end: { error } });
    expect(faulted).toMatchObject({ status: "faulted", error, lifecycle: [{ data: { error } }] });
  });

  test("says running while the run has not ended", () => {
    expect(runReport([{ type: "execution.started", data: null, atMs: 0 }], { id: "wex_1", document })).toMatchObject({
      status: "running",
      tasks: [],
    });
  });
});
