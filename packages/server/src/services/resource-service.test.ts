import { ApplyOutcome, type ErrorReason, ExecutionService, Phase, ResourceService } from "@stigmer/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureOf, startTestServer, type TestServer } from "../server.testsuite.ts";

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.close());

const api = () => running.client(ResourceService);

/** A small workflow document. */
function workflow(name: string, value = "1", more = ""): string {
  return `document:\n  dsl: "1.0.3"\n  namespace: default\n  name: ${name}\n  version: "1.0.0"\n${more}do:\n  - one:\n      set:\n        value: ${value}\n`;
}

function resource(kind: string, name: string, spec: unknown, metadata: object = {}): string {
  return JSON.stringify({ apiVersion: "stigmer.ai/v1", kind, metadata: { name, ...metadata }, spec });
}

const AGENT = { instructions: "be brief", model: { provider: "scripted", turns: [{ text: "ok" }] } };

describe("Apply", () => {
  test("creates, changes nothing, updates; each with its etag and digest", async () => {
    const first = await api().apply({ source: workflow("first") });
    expect(first.outcome).toBe(ApplyOutcome.CREATED);
    expect(first.resource).toMatchObject({ apiVersion: "stigmer.ai/v1", kind: "Workflow" });
    expect(first.resource?.status).toMatchObject({ revision: 1, version: "1.0.0" });
    expect(first.resource?.status?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const again = await api().apply({ source: `# a comment\n${workflow("first")}` });
    expect(again.outcome).toBe(ApplyOutcome.UNCHANGED);
    expect(again.resource?.status?.etag).toBe(first.resource?.status?.etag);
    const second = await api().apply({ source: workflow("first", "2") });
    expect(second.outcome).toBe(ApplyOutcome.UPDATED);
    expect(second.resource?.status?.revision).toBe(2);
    expect(second.resource?.status?.etag).not.toBe(first.resource?.status?.etag);
  });

  test("a dry run tells the outcome and writes nothing", async () => {
    const dry = await api().apply({ source: workflow("dry"), dryRun: true });
    expect(dry.outcome).toBe(ApplyOutcome.CREATED);
    const failure = await failureOf(api().get({ ref: { kind: "Workflow", name: "dry" } }));
    expect(failure.reason).toBe("RESOURCE_NOT_FOUND");
  });

  test("an etag guards the write", async () => {
    const { resource: made } = await api().apply({ source: workflow("guarded") });
    await api().apply({ source: workflow("guarded", "2"), etag: made?.status?.etag ?? "" });
    const stale = await failureOf(api().apply({ source: workflow("guarded", "3"), etag: made?.status?.etag ?? "" }));
    expect(stale).toMatchObject({ reason: "ETAG_MISMATCH", code: "aborted" });
    expect((await failureOf(api().apply({ source: workflow("nobody"), etag: "1-1" }))).reason).toBe("ETAG_MISMATCH");
  });

  test("an idempotency key gives the first answer again, and no other", async () => {
    const request = { source: workflow("keyed"), idempotencyKey: "key-1" };
    expect((await api().apply(request)).outcome).toBe(ApplyOutcome.CREATED);
    expect((await api().apply(request)).outcome).toBe(ApplyOutcome.CREATED);
    const reused = await failureOf(api().apply({ ...request, source: workflow("keyed", "2") }));
    expect(reused.reason).toBe("IDEMPOTENCY_KEY_REUSED");
    expect((await api().listRevisions({ ref: { kind: "Workflow", name: "keyed" } })).revisions).toHaveLength(1);
  });

  test("only one of twenty concurrent writes with one etag wins", async () => {
    const { resource: made } = await api().apply({ source: workflow("race") });
    const etag = made?.status?.etag ?? "";
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) => api().apply({ source: workflow("race", String(at + 2)), etag })),
    );
    expect(all.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  });

  test("a schedule stands in the status, and goes with it", async () => {
    const { resource: made } = await api().apply({ source: workflow("timely", "1", "schedule: {every: PT1H}\n") });
    expect(Number(made?.status?.schedule?.nextDueAt?.seconds) * 1_000).toBeGreaterThan(Date.now());
    const { resources } = await api().list({ kind: "Workflow" });
    expect(resources.find((one) => one.metadata?.name === "timely")?.status?.schedule).toEqual(made?.status?.schedule);
    const { resource: plain } = await api().apply({ source: workflow("timely") });
    expect(plain?.status?.schedule).toBeUndefined();
    const on = "schedule: {on: {one: {with: {type: a}}}}\n";
    const { resource: listening } = await api().apply({ source: workflow("timely", "1", on) });
    expect(listening?.status?.schedule?.listenerId).toMatch(/^wex_/);
    await api().delete({ ref: { kind: "Workflow", name: "timely" } });
    const { execution } = await running
      .client(ExecutionService)
      .getExecution({ id: listening?.status?.schedule?.listenerId ?? "" });
    expect(execution?.phase).toBe(Phase.CANCELLED);
  });

  test("the request's namespace fills in where the document names none", async () => {
    const { resource: made } = await api().apply({ source: resource("Agent", "placed", AGENT), namespace: "team" });
    expect(made?.metadata?.namespace).toBe("team");
  });

  const AGENT_TEXT = `apiVersion: stigmer.ai/v1
kind: Agent
metadata: {name: lonely}
spec:
  instructions: be brief
  model: {provider: scripted, turns: [{text: ok}]}
  environment: nowhere
  mcpServers:
    - absent
`;
  const head = 'document: {dsl: "1.0.3", namespace: default, name: refers, version: "1.0.0"}\n';

  test.each([
    [
      "an agent",
      AGENT_TEXT,
      ["9:7 /spec/mcpServers/0 McpServer default/absent", "7:16 /spec/environment Environment default/nowhere"],
    ],
    [
      "a workflow",
      `${head}environment: default\ndo:\n  - one: {run: {workflow: {namespace: team, name: absent, version: "1.0.0"}}}\n`,
      ["4:51 /do/0/one/run/workflow/name Workflow team/absent"],
    ],
    [
      "a workflow that names one twice, and one by an expression",
      `${head}do:\n  - one: {call: agent, with: {agent: absent, message: x}}\n  - two: {call: agent, with: {agent: absent, message: x}}\n  - three: {call: agent, with: {agent: "\${ .name }", message: x}}\n`,
      ["3:38 /do/0/one/with/agent Agent default/absent"],
    ],
    [
      "a workflow in an envelope",
      JSON.stringify({
        apiVersion: "stigmer.ai/v1",
        kind: "Workflow",
        metadata: { name: "refers" },
        spec: {
          document: { dsl: "1.0.3", namespace: "default", name: "refers", version: "1.0.0" },
          do: [{ one: { run: { workflow: { namespace: "default", name: "absent", version: "1.0.0" } } } }],
        },
      }),
      ["1:231 /spec/do/0/one/run/workflow/name Workflow default/absent"],
    ],
  ])("warns of references to nothing, with their places: %s", async (_name, source, expected) => {
    const { diagnostics } = await api().apply({ source, dryRun: true });
    const missing = diagnostics.filter(({ code }) => code === "reference-not-found");
    const shown = missing.map((one) => {
      const [kind, name] = /^(\w+) "(\S+)" does not exist yet$/.exec(one.message)?.slice(1) ?? [];
      return `${one.line}:${one.column} ${one.pointer} ${kind} ${name}`;
    });
    expect(shown).toEqual(expected);
  });

  test.each<[string, string, ErrorReason]>([
    ["broken YAML", "a: [", "INVALID_DEFINITION"],
    ["duplicate keys", "document: {}\ndocument: {}", "INVALID_DEFINITION"],
    ["an unknown kind", resource("Nothing", "x", {}), "INVALID_DEFINITION"],
    ["a wrong type", workflow("typed").replace("- one:", "one:"), "INVALID_DEFINITION"],
    ["a bad name", workflow("Bad_Name"), "INVALID_DEFINITION"],
    ["deep nesting", `${"[".repeat(5000)}${"]".repeat(5000)}`, "INVALID_DEFINITION"],
    ["an alias bomb", aliasBomb(), "INVALID_DEFINITION"],
    ["a 5 MB document", workflow("large", `"${"x".repeat(5 * 1024 * 1024)}"`), "DOCUMENT_TOO_LARGE"],
    ["nothing", "", "INVALID_REQUEST"],
  ])("refuses %s", async (_name, source, reason) => {
    const failure = await failureOf(api().apply({ source, fileName: "flow.yaml" }));
    expect(failure).toMatchObject({ reason, code: "invalid_argument" });
    if (reason === "INVALID_DEFINITION") {
      const [first] = failure.details.findings ?? [];
      expect(first).toMatchObject({ severity: "error", code: expect.any(String), line: expect.any(Number) });
      expect(failure.message).toContain('"flow.yaml"');
    }
  });
});

function aliasBomb(): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(", ")}]`,
    );
  return lines.join("\n");
}

describe("Get and ListRevisions", () => {
  test("find revisions by number, by version and as latest", async () => {
    const versioned = (version: string, value: string) => workflow("many", value).replace("1.0.0", version);
    for (const [version, value] of [
      ["1.0.0", "1"],
      ["2.0.0-beta", "2"],
      ["1.5.0", "3"],
      ["1.0.0", "4"],
    ] as const) {
      await api().apply({ source: versioned(version, value) });
    }
    const find = async (ref: { version?: string; revision?: number }) =>
      (await api().get({ ref: { kind: "Workflow", name: "many", ...ref } })).resource?.status?.revision;
    expect(await find({})).toBe(4);
    expect(await find({ revision: 2 })).toBe(2);
    expect(await find({ version: "1.0.0" })).toBe(4);
    expect(await find({ version: "latest" })).toBe(3);
    expect((await failureOf(find({ version: "9.9.9" }))).reason).toBe("REVISION_NOT_FOUND");
    expect((await failureOf(find({ revision: 99 }))).reason).toBe("REVISION_NOT_FOUND");
    const page = await api().listRevisions({ ref: { kind: "Workflow", name: "many" }, pageSize: 3 });
    const rest = await api().listRevisions({
      ref: { kind: "Workflow", name: "many" },
      pageSize: 3,
      pageToken: page.nextPageToken,
    });
    const numbers = [...page.revisions, ...rest.revisions].map((one) => one.status?.revision);
    expect(numbers).toEqual([4, 3, 2, 1]);
    expect(rest.nextPageToken).toBe("");
  });

  test.each([
    [{ kind: "Workflow", name: "no-such" }, "RESOURCE_NOT_FOUND"],
    [{ kind: "", name: "no-such" }, "INVALID_REQUEST"],
    [{ kind: "Other", name: "no-such" }, "INVALID_REQUEST"],
    [{ kind: "Workflow", name: "../etc" }, "INVALID_REQUEST"],
    [{ kind: "Workflow", name: "a".repeat(64) }, "INVALID_REQUEST"],
    [{ kind: "Workflow", namespace: "' or 1=1 --", name: "a" }, "INVALID_REQUEST"],
  ])("refuse %j", async (ref, reason) => {
    expect((await failureOf(api().get({ ref }))).reason).toBe(reason);
  });

  test("a violation names its field", async () => {
    const failure = await failureOf(api().get({ ref: { kind: "Workflow", name: "A B" } }));
    expect(failure.details.findings).toMatchObject([{ pointer: "/ref/name", code: "string.pattern" }]);
    expect(failure.message).toBe(
      "Cannot read the request: ref.name must be 1 to 63 small letters, digits and inner hyphens",
    );
    const secret = await failureOf(api().setSecret({ name: "a b", value: "1" }));
    expect(secret.message).toContain("name must be 1 to 128 letters");
    const label = await failureOf(api().list({ labels: { "a b": "x" } }));
    expect(label.message).toContain("must have keys");
    expect((await failureOf(api().get({}))).details.findings).toMatchObject([{ pointer: "/ref", code: "required" }]);
  });
});

describe("List and Search", () => {
  test("page through all, once each, by labels too", async () => {
    for (let at = 0; at < 7; at++) {
      const labels = { team: at % 2 === 0 ? "red" : "blue" };
      await api().apply({ source: resource("Agent", `paged-${at}`, AGENT, { namespace: "pages", labels }) });
    }
    const names: string[] = [];
    let pageToken = "";
    do {
      const page = await api().list({ namespace: "pages", pageSize: 3, pageToken });
      names.push(...page.resources.map((one) => one.metadata?.name ?? ""));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(names).toEqual(Array.from({ length: 7 }, (_, at) => `paged-${at}`));
    const red = await api().list({ namespace: "pages", labels: { team: "red" } });
    expect(red.resources).toHaveLength(4);
    const first = await api().list({ namespace: "pages", pageSize: 1 });
    const foreign = await failureOf(api().list({ namespace: "default", pageToken: first.nextPageToken }));
    expect(foreign.reason).toBe("INVALID_PAGE_TOKEN");
    expect((await failureOf(api().list({ pageToken: "junk" }))).reason).toBe("INVALID_PAGE_TOKEN");
    expect((await failureOf(api().list({ pageSize: 1001 }))).reason).toBe("INVALID_REQUEST");
  });

  test("find words of the document, prefixes and names; the name counts most", async () => {
    await api().apply({ source: workflow("zebra-crossing", '"a quick okapi"') });
    await api().apply({ source: workflow("okapi", '"nothing"') });
    const found = async (query: string) =>
      (await api().search({ query })).hits.map((hit) => hit.resource?.metadata?.name);
    expect(await found("okapi")).toEqual(["okapi", "zebra-crossing"]);
    expect(await found("quick oka")).toEqual(["zebra-crossing"]);
    expect(await found("nosuchword")).toEqual([]);
    const [hit] = (await api().search({ query: "quick okapi" })).hits;
    expect(hit?.snippet).toMatch(/set value a quick okapi$/);
    const page = await api().search({ query: "okapi", pageSize: 1 });
    expect((await api().search({ query: "okapi", pageSize: 1, pageToken: page.nextPageToken })).hits).toHaveLength(1);
  });

  test.each(['"', "a AND OR", "NEAR(a b)", "name:x*", "'; drop table resource; --", "*", "(((", "é🙂"])(
    "a search for %j is harmless",
    async (query) => {
      await expect(api().search({ query })).resolves.toBeDefined();
    },
  );
});

describe("Delete", () => {
  test("refuses what is referred to, and takes it afterwards", async () => {
    await api().apply({ source: resource("McpServer", "files", { command: "cat" }) });
    await api().apply({ source: resource("Agent", "reader", { ...AGENT, mcpServers: ["files"] }) });
    const refusal = await failureOf(api().delete({ ref: { kind: "McpServer", name: "files" } }));
    expect(refusal).toMatchObject({
      reason: "REFERENCED_BY",
      message: expect.stringContaining("Agent default/reader"),
    });
    await api().delete({ ref: { kind: "Agent", name: "reader" } });
    await api().delete({ ref: { kind: "McpServer", name: "files" } });
    expect((await failureOf(api().delete({ ref: { kind: "McpServer", name: "files" } }))).reason).toBe(
      "RESOURCE_NOT_FOUND",
    );
    expect((await api().search({ query: "files", kind: "McpServer" })).hits).toEqual([]);
  });

  test("an etag guards it, and a name that comes back has another one", async () => {
    const { resource: old } = await api().apply({ source: workflow("again") });
    const etag = old?.status?.etag ?? "";
    expect((await failureOf(api().delete({ ref: { kind: "Workflow", name: "again" }, etag: "0-0" }))).reason).toBe(
      "ETAG_MISMATCH",
    );
    await api().delete({ ref: { kind: "Workflow", name: "again" }, etag, idempotencyKey: "gone" });
    await api().delete({ ref: { kind: "Workflow", name: "again" }, etag, idempotencyKey: "gone" });
    expect((await api().apply({ source: workflow("again") })).resource?.status?.etag).not.toBe(etag);
  });
});

describe("secrets", () => {
  const CANARY = "canary-4711-value";

  test("are written, listed by name, replaced and deleted, never shown", async () => {
    await api().setSecret({ name: "TOKEN", value: JSON.stringify(CANARY) });
    expect((await api().listSecrets({})).secrets.map((one) => one.name)).toEqual(["TOKEN"]);
    await api().deleteSecret({ name: "TOKEN" });
    expect((await failureOf(api().deleteSecret({ name: "TOKEN" }))).reason).toBe("SECRET_NOT_FOUND");
    expect((await failureOf(api().setSecret({ name: "TOKEN", value: "no json" }))).reason).toBe("INVALID_REQUEST");
    expect((await failureOf(api().setSecret({ name: "../x", value: "1" }))).reason).toBe("INVALID_REQUEST");
  });

  test("of an environment's document leave no trace", async () => {
    const source = resource("Environment", "sealed", { variables: { a: 1 }, secrets: { KEY: CANARY } });
    const { resource: made } = await api().apply({ source });
    expect(made?.spec).toEqual({ variables: { a: 1 } });
    expect((await api().apply({ source })).outcome).toBe(ApplyOutcome.UNCHANGED);
    expect((await api().apply({ source: source.replace(CANARY, "other-value") })).outcome).toBe(ApplyOutcome.UPDATED);
    const { source: shown } = await api().get({ ref: { kind: "Environment", name: "sealed" } });
    expect(shown).not.toContain("other-value");
    await running.server.store.idle();
    const dump = running.server.store.read
      .all("select * from revision")
      .map((row) => JSON.stringify(row))
      .join("");
    expect(dump).not.toContain(CANARY);
    expect(running.logs.join("")).not.toContain(CANARY);
    expect((await api().listSecrets({ environment: "sealed" })).secrets.map((one) => one.name)).toEqual(["KEY"]);
  });
});
