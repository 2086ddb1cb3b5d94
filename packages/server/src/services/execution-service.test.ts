import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { ExecutionService, Phase, ResourceService, RunnerService, SessionService } from "@stigmer/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectRunner, runnerBlobs } from "../runner.testsuite.ts";
import { clientOf, failureOf, RUNNER_TOKEN, startTestServer, type TestServer } from "../server.testsuite.ts";

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.close());

const resources = () => running.client(ResourceService);
const executions = () => running.client(ExecutionService);

function workflow(
  name: string,
  options: { readonly namespace?: string; readonly use?: string; readonly tasks?: string } = {},
): string {
  const { namespace = "default", use = "", tasks = "  - one:\n      set:\n        value: 1\n" } = options;
  return `document:\n  dsl: "1.0.3"\n  namespace: ${namespace}\n  name: ${name}\n  version: "1.0.0"\n${use}do:\n${tasks}`;
}

function agent(name: string, spec: object = {}): string {
  const model = { provider: "scripted", turns: [{ text: "ok" }] };
  return JSON.stringify({
    apiVersion: "stigmer.ai/v1",
    kind: "Agent",
    metadata: { name },
    spec: { instructions: "x", model, ...spec },
  });
}

const json = (value: JsonValue) => fromJson(ValueSchema, value);

describe("Start", () => {
  test("pins the revision, accepts an input and is on disk", async () => {
    await resources().apply({ source: workflow("pinned") });
    const { execution } = await executions().start({
      target: { name: "pinned" },
      input: json({ a: [1, null] }),
      labels: { by: "test" },
    });
    expect(execution).toMatchObject({ phase: Phase.PENDING, environment: "default", labels: { by: "test" } });
    expect(execution?.target).toMatchObject({ kind: "Workflow", namespace: "default", name: "pinned", revision: 1 });
    await resources().apply({ source: workflow("pinned", { tasks: "  - two:\n      set:\n        value: 2\n" }) });
    const { execution: later } = await executions().getExecution({ id: execution?.id ?? "" });
    expect(later?.digest).toBe(execution?.digest);
    expect(later?.input && toJson(ValueSchema, later.input)).toEqual({ a: [1, null] });
  });

  test("a name without its namespace must be the only one", async () => {
    for (const namespace of ["north", "south"]) await resources().apply({ source: workflow("twin", { namespace }) });
    const failure = await failureOf(executions().start({ target: { name: "twin" } }));
    expect(failure.reason).toBe("AMBIGUOUS_NAME");
    expect(failure.details.metadata?.candidates).toBe("Workflow north/twin, Workflow south/twin");
    const { execution } = await executions().start({ target: { name: "twin", namespace: "south" } });
    expect(execution?.target?.namespace).toBe("south");
  });

  test("a document runs without being applied", async () => {
    const { execution } = await executions().start({ source: workflow("inline") });
    expect(execution?.target).toMatchObject({ name: "inline", revision: 0 });
    expect((await failureOf(resources().get({ ref: { kind: "Workflow", name: "inline" } }))).reason).toBe(
      "RESOURCE_NOT_FOUND",
    );
  });

  test("a key gives the first execution again, and no other", async () => {
    const request = { source: workflow("keyed"), idempotencyKey: "start-1" };
    const [first, second] = await Promise.all([executions().start(request), executions().start(request)]);
    expect(second.execution?.id).toBe(first.execution?.id);
    const other = await failureOf(executions().start({ ...request, labels: { a: "b" } }));
    expect(other.reason).toBe("IDEMPOTENCY_KEY_REUSED");
  });

  test.each([
    ["nothing named", {}, "INVALID_REQUEST"],
    ["an unknown name", { target: { name: "nobody" } }, "RESOURCE_NOT_FOUND"],
    ["a kind that cannot run", { target: { kind: "Environment", name: "nobody" } }, "INVALID_REQUEST"],
    ["a broken document", { source: "do: 1" }, "INVALID_DEFINITION"],
    ["an unknown environment", { source: workflow("w"), environment: "nowhere" }, "ENVIRONMENT_NOT_FOUND"],
    [
      "a session for a workflow",
      { source: workflow("w"), sessionId: "ses_01ARYZ6S410000000000000000" },
      "INVALID_REQUEST",
    ],
    ["an agent that is told nothing", { source: agent("mute") }, "INVALID_REQUEST"],
    [
      "an unknown session",
      { source: agent("a"), message: "x", sessionId: "ses_01ARYZ6S410000000000000000" },
      "SESSION_NOT_FOUND",
    ],
    ["a relative workspace", { source: agent("a"), message: "x", workspace: "here" }, "INVALID_REQUEST"],
    ["an absent MCP server", { source: agent("a", { mcpServers: ["absent"] }), message: "x" }, "REFERENCE_NOT_FOUND"],
  ])("refuses %s", async (_name, request, reason) => {
    expect((await failureOf(executions().start(request))).reason).toBe(reason);
  });

  test("the home is no workspace, nor what holds it", async () => {
    for (const workspace of [running.home, `${running.home}/data`, "/"]) {
      const failure = await failureOf(executions().start({ source: agent("a"), message: "x", workspace }));
      expect(failure).toMatchObject({ reason: "INVALID_REQUEST", message: expect.stringContaining("overlaps") });
    }
  });

  test("a missing secret fails at start and is named with the command that helps", async () => {
    const source = workflow("needy", { use: "use:\n  secrets: [NEEDED]\n" });
    const failure = await failureOf(executions().start({ source }));
    expect(failure).toMatchObject({ reason: "SECRET_MISSING", hint: "stigmer secret set NEEDED" });
    await resources().setSecret({ name: "NEEDED", value: "1" });
    expect((await executions().start({ source })).execution?.phase).toBe(Phase.PENDING);
  });

  test("the command that sets a missing secret names its namespace and environment", async () => {
    const namespace = "elsewhere";
    const metadata = { name: "staging", namespace };
    await resources().apply({
      source: JSON.stringify({ apiVersion: "stigmer.ai/v1", kind: "Environment", metadata, spec: {} }),
    });
    const source = workflow("needy", { namespace, use: "use:\n  secrets: [NEEDED]\n" });
    const failure = await failureOf(executions().start({ source, environment: "staging" }));
    expect(failure.hint).toBe("stigmer secret set NEEDED -n elsewhere -e staging");
    await resources().setSecret({ namespace, environment: "staging", name: "NEEDED", value: "1" });
    expect((await executions().start({ source, environment: "staging" })).execution?.phase).toBe(Phase.PENDING);
  });
});

describe("List, Get and events", () => {
  test("page by filters", async () => {
    for (let at = 0; at < 5; at++)
      await executions().start({ source: workflow("listed"), labels: { n: String(at % 2) } });
    const ids: string[] = [];
    let pageToken = "";
    do {
      const page = await executions().listExecutions({ name: "listed", pageSize: 2, pageToken });
      ids.push(...page.executions.map((one) => one.id));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(new Set(ids).size).toBe(5);
    expect((await executions().listExecutions({ name: "listed", labels: { n: "1" } })).executions).toHaveLength(2);
    expect((await executions().listExecutions({ name: "listed", phases: [Phase.COMPLETED] })).executions).toEqual([]);
    expect((await failureOf(executions().listExecutions({ pageToken: "x" }))).reason).toBe("INVALID_PAGE_TOKEN");
  });

  test.each([
    ["get", () => executions().getExecution({ id: "wex_01ARYZ6S410000000000000000" })],
    ["cancel", () => executions().cancel({ id: "wex_01ARYZ6S410000000000000000" })],
    ["pause", () => executions().pause({ id: "wex_01ARYZ6S410000000000000000" })],
    ["resume", () => executions().resume({ id: "wex_01ARYZ6S410000000000000000" })],
    ["events", () => executions().listEvents({ id: "wex_01ARYZ6S410000000000000000" })],
  ])("%s of an unknown execution", async (_name, call) => {
    expect((await failureOf(call())).reason).toBe("EXECUTION_NOT_FOUND");
  });

  test("an id of another form is refused", async () => {
    expect((await failureOf(executions().getExecution({ id: "1 or 1=1" }))).reason).toBe("INVALID_REQUEST");
  });
});

describe("Cancel, Pause, Resume and Watch", () => {
  test("a watcher sees every event once and the end", async () => {
    const seen: (string | Phase)[] = [];
    let id = "";
    for await (const { update } of executions().run({ start: { source: workflow("watched") } })) {
      if (update.case === "snapshot") {
        seen.push(update.value.phase);
        if (id === "") {
          id = update.value.id;
          await executions().pause({ id });
          await executions().pause({ id });
          await executions().resume({ id });
          await executions().cancel({ id, reason: "enough" });
        }
      }
      if (update.case === "event") seen.push(update.value.type);
    }
    expect(seen).toEqual([
      Phase.PENDING,
      "execution.created",
      "execution.paused",
      "execution.resumed",
      "execution.cancelled",
      Phase.CANCELLED,
    ]);
    const { events } = await executions().listEvents({ id, afterSeq: 2n });
    expect(events.map((one) => one.type)).toEqual(["execution.resumed", "execution.cancelled"]);
    expect((await executions().cancel({ id })).execution?.phase).toBe(Phase.CANCELLED);
    expect((await failureOf(executions().pause({ id }))).reason).toBe("EXECUTION_FINISHED");
  });
});

describe("PublishEvent", () => {
  const event = { specversion: "1.0", id: "e1", source: "/tests", type: "test.happened", data: { n: 1 } };

  test("reaches whoever listens, once", async () => {
    const tasks =
      "  - hear:\n      listen:\n        to:\n          one:\n            with:\n              type: test.happened\n";
    await executions().start({ source: workflow("listener", { tasks }) });
    expect(await executions().publishEvent({ event })).toMatchObject({ accepted: true, delivered: 1 });
    expect(await executions().publishEvent({ event })).toMatchObject({ accepted: false });
    const { events } = await executions().listPublishedEvents({});
    expect(events[0]?.event).toMatchObject({ id: "e1", data: { n: 1 } });
  });

  test.each([{}, { id: "x" }, { id: "x", source: "y" }, { id: 1, source: "y", type: "z" }])(
    "refuses %j",
    async (bad) => {
      expect((await failureOf(executions().publishEvent({ event: bad as never }))).reason).toBe("INVALID_EVENT");
    },
  );
});

describe("runners", () => {
  test("carry a run to its end, and get only declared secrets of a live lease", async () => {
    await using own = await startTestServer();
    await own.client(ResourceService).setSecret({ name: "DECLARED", value: '"hush-hush"' });
    await own.client(ResourceService).setSecret({ name: "OTHER", value: '"not-yours"' });
    const runner = connectRunner(own, "workflow-runner");
    await runner.next((frame) => (frame.leases.length === 0 ? true : undefined));
    const source = workflow("secretive", { use: "use:\n  secrets: [DECLARED]\n" });
    const { execution } = await own.client(ExecutionService).start({ source, input: json({ q: 1 }) });
    const lease = await runner.lease();
    expect(JSON.parse(lease.input)).toMatchObject({
      input: { q: 1 },
      runtime: { name: "stigmer" },
      execution: { id: execution?.id },
    });
    const secrets = clientOf(RunnerService, "connect", { socketPath: own.server.socket, token: RUNNER_TOKEN });
    const { execution: no, epoch } = lease;
    expect((await secrets.resolveSecrets({ execution: no, epoch, names: ["DECLARED"] })).values).toEqual({
      DECLARED: '"hush-hush"',
    });
    const undeclared = await failureOf(secrets.resolveSecrets({ execution: no, epoch, names: ["OTHER"] }));
    expect(undeclared.reason).toBe("SECRET_NOT_DECLARED");
    expect((await failureOf(secrets.resolveSecrets({ execution: no, epoch: epoch + 1, names: [] }))).reason).toBe(
      "LEASE_LOST",
    );
    runner.complete(lease, { done: true });
    const phases: Phase[] = [];
    for await (const { update } of own.client(ExecutionService).watch({ id: execution?.id ?? "" })) {
      if (update.case === "snapshot") phases.push(update.value.phase);
    }
    expect(phases.at(-1)).toBe(Phase.COMPLETED);
    expect((await failureOf(secrets.resolveSecrets({ execution: no, epoch, names: ["DECLARED"] }))).reason).toBe(
      "LEASE_LOST",
    );
    expect(own.logs.join("")).not.toContain("hush-hush");
    runner.close();
  });

  test("are refused with another component's token", async () => {
    const client = clientOf(RunnerService, "connect-h2", { socketPath: running.server.socket, token: RUNNER_TOKEN });
    async function* frames() {
      yield { hello: { component: "agent-runner", instance: "x", version: "1", capacity: 1 } };
    }
    const read = async () => {
      for await (const _ of client.work(frames())) throw new Error("unexpected frame");
    };
    expect((await failureOf(read())).reason).toBe("RUNNER_TOKEN_REQUIRED");
  });
});

describe("sessions", () => {
  test("begin with a turn, remember what it left, and end", async () => {
    await using own = await startTestServer();
    const sessions = own.client(SessionService);
    const runner = connectRunner(own, "agent-runner");
    await own.client(ResourceService).apply({ source: agent("talker") });
    const begin = await own.client(ExecutionService).start({ target: { name: "talker" }, message: "hello" });
    const sessionId = begin.execution?.sessionId ?? "";
    expect(sessionId).toMatch(/^ses_/);
    expect((await sessions.listMessages({ sessionId })).messages).toEqual([]);
    const next = { target: { name: "talker" }, message: "again", sessionId };
    expect((await failureOf(own.client(ExecutionService).start(next))).reason).toBe("SESSION_BUSY");
    expect((await failureOf(sessions.deleteSession({ id: sessionId }))).reason).toBe("SESSION_BUSY");

    const link = JSON.stringify({ v: 1, parent: null, messages: [{ role: "user", text: "hello" }] });
    const { digest } = await runnerBlobs(own).putBlob({ content: Buffer.from(link) });
    runner.complete(await runner.lease(), { message: "hi", session: { id: sessionId, headRef: digest } });
    for await (const _ of own.client(ExecutionService).watch({ id: begin.execution?.id ?? "" }));

    expect((await sessions.listMessages({ sessionId })).messages).toEqual([{ role: "user", text: "hello" }]);
    await own.client(ExecutionService).start(next);
    const lease = await runner.lease();
    expect(JSON.parse(lease.input)).toMatchObject({ message: "again", session: { id: sessionId, headRef: digest } });
    runner.complete(lease, { message: "bye" });
    for await (const _ of own.client(ExecutionService).watch({ id: lease.executionId }));
    expect((await sessions.getSession({ id: sessionId })).session).toMatchObject({
      executions: 2,
      agent: { name: "talker" },
    });
    expect((await sessions.listSessions({ agent: "talker" })).sessions).toHaveLength(1);
    expect((await sessions.listMessages({ sessionId })).messages).toHaveLength(1);
    await sessions.deleteSession({ id: sessionId });
    expect((await failureOf(sessions.getSession({ id: sessionId }))).reason).toBe("SESSION_NOT_FOUND");
    runner.close();
  });
});
