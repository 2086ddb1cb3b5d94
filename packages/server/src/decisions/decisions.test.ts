import { isDeepStrictEqual } from "node:util";
import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { ExecutionService, type Lease, type PendingDecision } from "@stigmer/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectRunner, type StreamRunner } from "../runner.testsuite.ts";
import { failureOf, startTestServer, type TestServer } from "../server.testsuite.ts";

let running: TestServer;
let runner: StreamRunner;
beforeAll(async () => {
  running = await startTestServer();
  runner = connectRunner(running, "workflow-runner");
});
afterAll(async () => {
  runner.close();
  await running.close();
});

const executions = () => running.client(ExecutionService);
const json = (value: JsonValue) => fromJson(ValueSchema, value);

const SOURCE = `document: {dsl: "1.0.3", namespace: default, name: asking, version: "1.0.0"}
do: [{ask: {call: human, with: {title: "Ship it?"}}}]
`;

async function begin(): Promise<{ id: string; lease: Lease }> {
  const { execution } = await executions().start({ source: SOURCE });
  const lease = await runner.lease();
  return { id: execution?.id ?? "", lease };
}

interface Asked {
  readonly index?: number;
  readonly name?: string;
  readonly run?: number;
  readonly more?: object;
}

/** The line that the interpreter writes when it asks; resolves when the question can be seen. */
async function ask(id: string, lease: Lease, { index = 1, name = "ask", run = 1, more = {} }: Asked = {}) {
  const reference = `/do/0/${name}`;
  const request = { task: `${reference}#${run}`, title: "Ship it?", outcomes: ["ship", "hold"], ...more };
  const data = { name, reference, run, for: "decision", request };
  runner.report(lease, { index, type: "task.waiting", data });
  for await (const { update } of executions().watch({ id })) {
    if (update.case === "event" && isDeepStrictEqual({ ...update.value.data }, data)) break;
  }
  return request.task;
}

async function pending(id: string, filter: object = {}): Promise<readonly PendingDecision[]> {
  return (await executions().listPendingDecisions({ executionId: id, ...filter })).decisions;
}

/** The next item that the runner gets. */
const nextItem = () =>
  runner.next((frame) => {
    const item = frame.deliveries[0]?.items[0];
    return item === undefined ? undefined : { kind: item.kind, data: JSON.parse(item.data) };
  });

describe("Decide", () => {
  test("gives the answer to the run, once", async () => {
    const { id, lease } = await begin();
    const form = { type: "object", required: ["n"], properties: { n: { type: "integer" } } };
    const task = await ask(id, lease, { more: { form, approvers: ["ada"], description: "d", data: [1] } });
    const [question] = await pending(id);
    expect(question).toMatchObject({ executionId: id, task, title: "Ship it?", description: "d", approvers: ["ada"] });
    expect(question).toMatchObject({ outcomes: ["ship", "hold"], target: { name: "asking", namespace: "default" } });
    expect(question?.form && toJson(ValueSchema, question.form)).toEqual(form);
    const answer = { id, outcome: "ship", by: "ada", data: json({ n: 1 }) };
    expect(await executions().decide({ ...answer, task: "ask" })).toMatchObject({ task, execution: { id } });
    expect(await nextItem()).toEqual({
      kind: "decision",
      data: { task, outcome: "ship", by: "ada", data: { n: 1 } },
    });
    expect(await pending(id)).toEqual([]);
    expect(await executions().decide({ ...answer, task })).toMatchObject({ task });
    expect((await failureOf(executions().decide({ ...answer, outcome: "hold" }))).reason).toBe("DECISION_TAKEN");
    runner.complete(lease, {});
    for await (const _ of executions().watch({ id }));
    expect(await executions().decide({ ...answer, task })).toMatchObject({ task });
    expect(await executions().decide(answer)).toMatchObject({ task });
    expect((await failureOf(executions().decide({ ...answer, by: "ben" }))).reason).toBe("DECISION_TAKEN");
    const late = await failureOf(executions().decide({ ...answer, task: "/do/0/ask#2" }));
    expect(late.reason).toBe("EXECUTION_FINISHED");
  });

  test("of twenty different answers at once one counts", async () => {
    const { id, lease } = await begin();
    await ask(id, lease);
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) => executions().decide({ id, outcome: "ship", by: `person-${at}` })),
    );
    expect(all.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  });

  test.each<[string, { outcome?: string; by?: string; data?: JsonValue; task?: string }, string, string]>([
    ["another outcome", { outcome: "sink" }, "DECISION_REFUSED", '"sink" is none of the outcomes'],
    ["another person", { by: "eve" }, "DECISION_REFUSED", '"eve" may not decide'],
    ["data that does not fit", { data: { n: "x" } }, "DECISION_REFUSED", "does not fit the form"],
    ["no data", {}, "DECISION_REFUSED", "does not fit the form"],
    ["another task", { task: "other" }, "DECISION_NOT_FOUND", '"other"'],
    ["no outcome", { outcome: "" }, "INVALID_REQUEST", "outcome"],
    ["nobody", { by: "" }, "INVALID_REQUEST", "by"],
  ])("refuses %s", async (_name, { data, ...answer }, reason, word) => {
    const { id, lease } = await begin();
    const form = { type: "object", properties: { n: { type: "integer" } } };
    await ask(id, lease, { more: { form, approvers: ["ada"] } });
    const call = executions().decide({
      id,
      outcome: "ship",
      by: "ada",
      ...answer,
      ...(data === undefined ? {} : { data: json(data) }),
    });
    expect(await failureOf(call)).toMatchObject({ reason, message: expect.stringContaining(word) });
    expect(await pending(id)).toHaveLength(1);
  });

  test("two open questions must be named", async () => {
    const { id, lease } = await begin();
    const first = await ask(id, lease, { index: 1, name: "a" });
    await ask(id, lease, { index: 2, name: "b" });
    expect((await pending(id)).map(({ task }) => task)).toEqual(["/do/0/b#1", "/do/0/a#1"]);
    const failure = await failureOf(executions().decide({ id, outcome: "ship", by: "x" }));
    expect(failure).toMatchObject({ reason: "AMBIGUOUS_NAME", message: expect.stringContaining(first) });
    expect(await executions().decide({ id, outcome: "ship", by: "x", task: "/do/0/a" })).toMatchObject({ task: first });
    expect(await executions().decide({ id, outcome: "ship", by: "x" })).toMatchObject({ task: "/do/0/b#1" });
  });

  test("a question that is asked anew stands once, with the new approvers", async () => {
    const { id, lease } = await begin();
    await ask(id, lease, { index: 1, more: { approvers: ["ada"] } });
    await ask(id, lease, { index: 2, more: { approvers: ["ada", "cyd"] } });
    expect(await pending(id)).toHaveLength(1);
    expect(await pending(id, { approver: "cyd" })).toHaveLength(1);
    expect(await pending(id, { approver: "eve" })).toEqual([]);
    await executions().decide({ id, outcome: "hold", by: "cyd" });
  });

  test("a question is over with its task and with its execution", async () => {
    const { id, lease } = await begin();
    await ask(id, lease, { index: 1 });
    runner.report(lease, { index: 2, type: "task.cancelled", data: { name: "ask", reference: "/do/0/ask", run: 1 } });
    await ask(id, lease, { index: 3, run: 2 });
    expect((await pending(id)).map(({ task }) => task)).toEqual(["/do/0/ask#2"]);
    await executions().cancel({ id, force: true });
    expect(await pending(id)).toEqual([]);
    expect((await failureOf(executions().decide({ id, outcome: "ship", by: "x" }))).reason).toBe("EXECUTION_FINISHED");
  });

  test("a large question is whole, pages follow each other", async () => {
    const { id, lease } = await begin();
    const description = "x".repeat(5_000);
    for (const index of [1, 2, 3]) await ask(id, lease, { index, run: index, more: { description } });
    const tasks: string[] = [];
    let pageToken = "";
    do {
      const page = await executions().listPendingDecisions({ executionId: id, pageSize: 2, pageToken });
      tasks.push(...page.decisions.map((one) => one.task));
      expect(page.decisions[0]?.description).toBe(description);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(tasks).toEqual(["/do/0/ask#3", "/do/0/ask#2", "/do/0/ask#1"]);
  });

  test("of an execution that is not there", async () => {
    const id = "wex_01ARYZ6S410000000000000000";
    expect((await failureOf(executions().decide({ id, outcome: "a", by: "b" }))).reason).toBe("EXECUTION_NOT_FOUND");
  });
});
