import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BlobService,
  ERROR_REASONS,
  type ErrorReason,
  ExecutionService,
  isErrorReason,
  ResourceService,
  RunnerService,
  SessionService,
  SystemService,
} from "@stigmer/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEngine } from "./engine/engine.ts";
import { connectRunner } from "./runner.testsuite.ts";
import {
  clientOf,
  failureOf,
  plainRequest,
  RUNNER_TOKEN,
  startTestServer,
  type TestServer,
} from "./server.testsuite.ts";
import { createMemoryDatabase } from "./store/memory-database.ts";

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.close());

const WORKFLOW_ID = "wex_01ARYZ6S410000000000000000";
const SESSION_ID = "ses_01ARYZ6S410000000000000000";

const resources = () => running.client(ResourceService);
const executions = () => running.client(ExecutionService);

function workflow(name: string, more = "", namespace = "default"): string {
  return `document: {dsl: "1.0.3", namespace: ${namespace}, name: ${name}, version: "1.0.0"}\n${more}do: [{one: {set: {a: 1}}}]\n`;
}

function agent(name: string, spec: object = {}): string {
  const model = { provider: "scripted", turns: [{ text: "ok" }] };
  const metadata = { name };
  return JSON.stringify({
    apiVersion: "stigmer.ai/v1",
    kind: "Agent",
    metadata,
    spec: { instructions: "x", model, ...spec },
  });
}

const MCP_SERVER = JSON.stringify({
  apiVersion: "stigmer.ai/v1",
  kind: "McpServer",
  metadata: { name: "needed" },
  spec: { command: "true" },
});

/** What a plain HTTP client reads in the details of an answer. */
async function plainReason(headers: object, path = "/stigmer.v1.SystemService/Handshake"): Promise<string> {
  const own = { host: `127.0.0.1:${running.port}`, authorization: `Bearer ${running.token}` };
  const answer = await plainRequest(running.port, path, {
    headers: { "content-type": "application/json", ...own, ...headers },
    body: "{}",
  });
  return JSON.parse(answer.body).details[0].debug?.reason ?? reasonIn(JSON.parse(answer.body).details[0].value);
}

/** The first field of a binary `ErrorInfo`. */
function reasonIn(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("utf8", 2, 2 + (bytes[1] ?? 0));
}

const reasonOf = async (call: Promise<unknown>): Promise<string> => (await failureOf(call)).reason;

/** A runner that holds the lease of a new execution. */
async function withLease<T>(
  name: string,
  use: (lease: { execution: bigint; epoch: number }) => Promise<T>,
): Promise<T> {
  const runner = connectRunner(running, "workflow-runner");
  await executions().start({ source: workflow(name) });
  const lease = await runner.lease();
  try {
    return await use(lease);
  } finally {
    runner.close();
  }
}

const asRunner = () => clientOf(RunnerService, "connect", { socketPath: running.server.socket, token: RUNNER_TOKEN });

/** How to get each reason that the server answers a call with. */
const PROVOCATIONS: Readonly<Partial<Record<ErrorReason, () => Promise<string>>>> = {
  INVALID_REQUEST: () => reasonOf(executions().start({})),
  INVALID_DEFINITION: () => reasonOf(resources().apply({ source: "do: 1" })),
  INVALID_EVENT: () => reasonOf(executions().publishEvent({ event: { id: "x" } })),
  INVALID_PAGE_TOKEN: () => reasonOf(resources().list({ pageToken: "x" })),
  DOCUMENT_TOO_LARGE: () => reasonOf(resources().apply({ source: `# ${"x".repeat(1024 * 1024)}` })),
  MESSAGE_TOO_LARGE: () => plainReason({ "content-length": 17 * 1024 * 1024 }),
  UNKNOWN_METHOD: () => plainReason({}, "/stigmer.v1.SystemService/Nothing"),
  CONTENT_TYPE_NOT_ALLOWED: () => plainReason({ "content-type": "text/plain" }),
  UNAUTHENTICATED: () => plainReason({ authorization: "Bearer wrong" }),
  CLIENT_TOKEN_REQUIRED: () => plainReason({ authorization: `Bearer ${RUNNER_TOKEN}` }),
  RUNNER_TOKEN_REQUIRED: () => plainReason({}, "/stigmer.v1.RunnerService/ResolveSecrets"),
  HOST_NOT_ALLOWED: () => plainReason({ host: "evil.example" }),
  ORIGIN_NOT_ALLOWED: () => plainReason({ origin: "http://evil.example" }),
  LEASE_LOST: () => reasonOf(asRunner().resolveSecrets({ execution: 4711n, epoch: 1, names: [] })),
  SECRET_NOT_DECLARED: () =>
    withLease("leased", ({ execution, epoch }) =>
      reasonOf(asRunner().resolveSecrets({ execution, epoch, names: ["OTHER"] })),
    ),
  RESOURCE_NOT_FOUND: () => reasonOf(resources().get({ ref: { kind: "Workflow", name: "nobody" } })),
  async REVISION_NOT_FOUND() {
    await resources().apply({ source: workflow("once") });
    return reasonOf(resources().get({ ref: { kind: "Workflow", name: "once", revision: 9 } }));
  },
  ENVIRONMENT_NOT_FOUND: () => reasonOf(executions().start({ source: workflow("w"), environment: "nowhere" })),
  EXECUTION_NOT_FOUND: () => reasonOf(executions().getExecution({ id: WORKFLOW_ID })),
  SESSION_NOT_FOUND: () => reasonOf(running.client(SessionService).getSession({ id: SESSION_ID })),
  SECRET_NOT_FOUND: () => reasonOf(resources().deleteSecret({ name: "NONE" })),
  async DECISION_NOT_FOUND() {
    const { execution } = await executions().start({ source: workflow("unasked") });
    return reasonOf(executions().decide({ id: execution?.id ?? "", outcome: "a", by: "b" }));
  },
  BLOB_NOT_FOUND: () => reasonOf(running.client(BlobService).getBlob({ digest: `sha256:${"0".repeat(64)}` })),
  async AMBIGUOUS_NAME() {
    for (const namespace of ["north", "south"]) await resources().apply({ source: workflow("twin", "", namespace) });
    return reasonOf(executions().start({ target: { name: "twin" } }));
  },
  ETAG_MISMATCH: () => reasonOf(resources().apply({ source: workflow("guarded"), etag: "1-1" })),
  async IDEMPOTENCY_KEY_REUSED() {
    await executions().start({ source: workflow("keyed"), idempotencyKey: "one" });
    return reasonOf(executions().start({ source: workflow("other"), idempotencyKey: "one" }));
  },
  async REFERENCED_BY() {
    await resources().apply({ source: MCP_SERVER });
    await resources().apply({ source: agent("needy", { mcpServers: ["needed"] }) });
    return reasonOf(resources().delete({ ref: { kind: "McpServer", name: "needed" } }));
  },
  REFERENCE_NOT_FOUND: () =>
    reasonOf(executions().start({ source: agent("a", { mcpServers: ["absent"] }), message: "x" })),
  SECRET_MISSING: () => reasonOf(executions().start({ source: workflow("secretive", "use: {secrets: [ABSENT]}\n") })),
  async EXECUTION_FINISHED() {
    const { execution } = await executions().start({ source: workflow("short") });
    await executions().cancel({ id: execution?.id ?? "" });
    return reasonOf(executions().pause({ id: execution?.id ?? "" }));
  },
  async SESSION_BUSY() {
    const { execution } = await executions().start({ source: agent("talker"), message: "x" });
    return reasonOf(running.client(SessionService).deleteSession({ id: execution?.sessionId ?? "" }));
  },
  async OVERLOADED() {
    const store = createMemoryDatabase().open();
    const limits = { maxBacklog: 0 };
    const engine = createEngine({ store, limits, resolveDefinition: () => ({ failure: { type: "x", status: 404 } }) });
    const spec = {
      program: "workflow",
      namespace: "n",
      kind: "Workflow",
      name: "w",
      digest: "",
      definition: "{}",
      input: {},
    };
    return reasonOf(engine.start({ spec }));
  },
  BACKUP_EXISTS: () => reasonOf(running.client(SystemService).backup({ path: running.home })),
};

/** Reasons of other parts, and of a server that does not serve: which test gets them. */
const ELSEWHERE: Readonly<Partial<Record<ErrorReason, string>>> = {
  INVALID_INPUT: "tests/e2e/command-line.test.ts",
  DECISION_REFUSED: "packages/server/src/decisions/decisions.test.ts",
  DECISION_TAKEN: "packages/server/src/decisions/decisions.test.ts",
  RUNNER_CRASHED: "packages/server/src/engine/engine-behaviour.test.ts",
  JOURNAL_MISMATCH: "packages/server/src/engine/engine-behaviour.test.ts",
  STEP_TOO_LARGE: "packages/runner-link/src/runner.test.ts",
  CPU_BUDGET: "packages/runner-link/src/runner.test.ts",
  PROGRAM_VERSION_UNKNOWN: "packages/runner-link/src/runner.test.ts",
  SERVER_UNREACHABLE: "packages/sdk/src/create-client.test.ts",
  SERVER_STOPPING: "packages/server/src/engine/engine-behaviour.test.ts",
  DATA_IN_USE: "packages/server/src/create-server.test.ts",
  DATA_CORRUPT: "packages/server/src/engine/engine-behaviour.test.ts",
  DATA_NOT_WRITABLE: "packages/server/src/system/backup.test.ts",
  DISK_FULL: "packages/server/src/store/group-committer.test.ts",
  SCHEMA_TOO_NEW: "packages/server/src/store/migrate.test.ts",
  SECRET_UNREADABLE: "packages/server/src/create-server.test.ts",
  PORT_IN_USE: "packages/server/src/create-server.test.ts",
  SOCKET_IN_USE: "packages/server/src/create-server.test.ts",
  INSECURE_BIND: "packages/server/src/create-server.test.ts",
  CONFIGURATION_INVALID: "packages/sdk/src/create-client.test.ts",
  BACKUP_INVALID: "packages/server/src/system/backup.test.ts",
  RESTORE_BLOCKED: "packages/server/src/system/backup.test.ts",
  USAGE: "tests/e2e/command-line.test.ts",
  FILE_NOT_FOUND: "tests/e2e/command-line.test.ts",
  FILE_UNREADABLE: "packages/cli/src/read-input.test.ts",
  EXECUTION_FAULTED: "packages/cli/src/run/print-result.test.ts",
  EXECUTION_CANCELLED: "packages/cli/src/run/print-result.test.ts",
  TIMEOUT: "packages/sdk/src/create-client.test.ts",
  INTERRUPTED: "packages/sdk/src/create-client.test.ts",
  INTERNAL: "packages/server/src/store/open-database.test.ts",
};

const reasons = Object.keys(ERROR_REASONS).filter(isErrorReason);
const ROOT = join(import.meta.dirname, "../../..");

describe("error reasons", () => {
  test("each is provoked here or in a test that is named", () => {
    const known = [...Object.keys(PROVOCATIONS), ...Object.keys(ELSEWHERE)];
    expect(known.toSorted()).toEqual(reasons.toSorted());
  });

  test.each(Object.entries(PROVOCATIONS))("%s is answered", async (reason, provoke) => {
    expect(await provoke()).toBe(reason);
  });

  test.each(Object.entries(ELSEWHERE))("%s is provoked in %s", (reason, file) => {
    expect(readFileSync(join(ROOT, file), "utf8")).toContain(`"${reason}"`);
  });
});
