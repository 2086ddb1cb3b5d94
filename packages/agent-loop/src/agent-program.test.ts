import {
  type ActivationEnd,
  createMemoryHost,
  DurableFailure,
  type EffectCall,
  type Failure,
  type Json,
  type MemoryExecution,
  VirtualClock,
} from "@stigmer/durable";
import { describe, expect, test } from "vitest";
import { agentProgram } from "./agent-program.ts";
import { LIMIT_REACHED } from "./limit-failure.ts";

/** What the fake model answers at one step: an answer without bookkeeping, or a failure. */
type Turn = Record<string, Json> | Failure;

interface World {
  readonly agent?: Record<string, Json>;
  readonly input?: Record<string, Json>;
  readonly turns: readonly Turn[];
  readonly tool?: (call: EffectCall) => Promise<Json>;
  readonly chaos?: { readonly seed: number; readonly rate: number };
  readonly snapshots?: true;
  /** Called when an effect begins. */
  readonly onEffect?: (call: EffectCall, run: MemoryExecution) => void;
  readonly startedAgoMs?: number;
}

const READ = { name: "read_file", kind: "tool", readOnly: true };
const WRITE = { name: "write_file", kind: "tool", readOnly: false };
const REMOTE = { name: "docs__search", kind: "mcp", readOnly: true, server: "docs" };
const usage = { inputTokens: 10, outputTokens: 5 };

const say = (text: string, more: Record<string, Json> = {}): Turn => ({
  text,
  finish: "stop",
  calls: [],
  usage,
  ...more,
});
const ask = (...calls: readonly (readonly [name: string, args: Record<string, Json>])[]): Turn => ({
  text: "",
  finish: "tool-calls",
  calls: calls.map(([name, args], index) => ({
    id: `call-${index}`,
    name,
    arguments: args,
    argsHash: JSON.stringify(args),
  })),
  usage,
});

/** Runs one turn of an agent whose model is a list of turns; counts what was touched. */
async function runAgent(world: World) {
  const clock = new VirtualClock();
  const requests: EffectCall[] = [];
  const effects: string[] = [];
  let at = 0;
  const host = createMemoryHost({
    programs: { agent: agentProgram },
    clock,
    settle: (done) => void setImmediate(done),
    ...(world.chaos ? { chaos: world.chaos } : {}),
    ...(world.snapshots ? { wantsSnapshot: () => true } : {}),
    runEffect: async (call) => {
      effects.push(call.key);
      world.onEffect?.(call, run);
      switch (call.kind) {
        case "agent-tools":
          return { toolsRef: "sha256:tools", tools: [READ, WRITE, REMOTE] };
        case "model": {
          requests.push(call);
          // A crash before the answer is on disk asks again: what is answered then depends on the step only.
          if (world.chaos) at = Number(call.key.slice("model/".length)) - 1;
          const turn = world.turns[at++] ?? say("no more turns");
          if ("status" in turn) throw new DurableFailure(turn as Failure);
          return { headRef: `sha256:head-${at}`, ...(turn as Record<string, Json>) };
        }
        default:
          return world.tool ? world.tool(call) : { outcome: "ok", ref: `sha256:${call.key}`, text: "content" };
      }
    },
  });
  const run: MemoryExecution = host.start({
    program: "agent",
    input: {
      definition: {
        instructions: "Be brief.",
        model: { provider: "scripted" },
        tools: ["read_file"],
        mcpServers: ["docs"],
        ...world.agent,
      },
      mcpServers: { docs: { command: "docs-server" } },
      message: "hello",
      session: { id: "ses_1" },
      execution: { id: "aex_1", namespace: "default", startedAtMs: clock.now() - (world.startedAgoMs ?? 0) },
      ...world.input,
    },
  });
  const end = await run.ended;
  return { end, requests, effects, run, events: run.events.map((event) => event.type) };
}

function outputOf(end: ActivationEnd): Json {
  if (end.kind !== "completed") throw new Error(`it ended with ${JSON.stringify(end)}`);
  return end.output;
}

function failureOf(end: ActivationEnd): Failure {
  if (end.kind !== "failed") throw new Error(`it ended with ${JSON.stringify(end)}`);
  return end.failure;
}

const inputOf = (call: EffectCall | undefined) => call?.input as { [key: string]: Json };
const busy: Failure = { type: "busy", status: 429, data: { retryAfterMs: 90_000 } };

describe("agentProgram", () => {
  test("answers, and reports what it does", async () => {
    const { end, requests, events } = await runAgent({ turns: [say("hi there")] });
    expect(outputOf(end)).toEqual({
      message: "hi there",
      usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 0, totalTokens: 15 },
      steps: 1,
      session: { id: "ses_1", headRef: "sha256:head-1" },
    });
    expect(inputOf(requests[0])).toMatchObject({ head: null, append: [{ role: "user", text: "hello" }] });
    expect(events).toEqual([
      "execution.created",
      "execution.started",
      "agent.message",
      "agent.step.started",
      "agent.usage",
      "agent.message",
      "agent.completed",
      "execution.completed",
    ]);
  });

  test("says when the answer was cut off", async () => {
    const { end } = await runAgent({ turns: [say("It was a dark and", { finish: "length" })] });
    expect(outputOf(end)).toMatchObject({ message: "It was a dark and", truncated: true });
  });

  test("continues a conversation and passes data along", async () => {
    const { requests } = await runAgent({
      turns: [say("yes")],
      input: { session: { id: "ses_1", headRef: "sha256:before" }, data: { n: 1 } },
    });
    const { head, append } = inputOf(requests[0]);
    expect(head).toBe("sha256:before");
    expect(JSON.stringify(append)).toContain('\\"n\\": 1');
  });

  test("runs the tools of one step at once and gives their results in the order of the calls", async () => {
    let running = 0;
    let most = 0;
    const { end, requests, events } = await runAgent({
      turns: [ask(["read_file", { path: "a" }], ["docs__search", { q: "b" }]), say("done")],
      tool: async (call) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return { outcome: "ok", ref: `sha256:${call.kind}`, text: "words" };
      },
    });
    expect(outputOf(end)).toMatchObject({ message: "done", steps: 2, usage: { totalTokens: 30 } });
    expect(most).toBe(2);
    expect(inputOf(requests[1])).toMatchObject({
      head: "sha256:head-1",
      append: [
        {
          role: "tool",
          results: [
            { callId: "call-0", tool: "read_file", outcome: "ok", ref: "sha256:tool" },
            { callId: "call-1", tool: "docs__search", outcome: "ok", ref: "sha256:mcp" },
          ],
        },
      ],
    });
    expect(events.filter((type) => type.startsWith("agent.tool"))).toEqual([
      "agent.tool.called",
      "agent.tool.called",
      "agent.tool.completed",
      "agent.tool.completed",
    ]);
  });

  test("a tool of an MCP server gets its server", async () => {
    let input: Json = null;
    await runAgent({
      turns: [ask(["docs__search", { q: "b" }]), say("done")],
      tool: async (call) => {
        input = call.input;
        return { outcome: "ok", text: "" };
      },
    });
    expect(input).toMatchObject({ tool: "docs__search", server: { name: "docs", command: "docs-server" } });
  });

  test.each<[string, Turn, string]>([
    ["a tool that may change something", ask(["write_file", { path: "a" }]), "only tools that read are allowed"],
    ["a tool that does not exist", ask(["rm", {}]), 'There is no tool "rm". The tools are: read_file'],
    [
      "broken arguments",
      {
        text: "",
        finish: "tool-calls",
        usage,
        calls: [{ id: "c", name: "read_file", argsHash: "x", invalid: "no JSON" }],
      },
      "The arguments cannot be used: no JSON",
    ],
  ])("refuses %s in words for the model", async (_name, turn, words) => {
    const { end, requests, effects, events } = await runAgent({ turns: [turn, say("then not")] });
    expect(outputOf(end)).toMatchObject({ message: "then not" });
    expect(effects.some((key) => key.startsWith("tool/"))).toBe(false);
    expect(JSON.stringify(inputOf(requests[1]).append)).toContain(JSON.stringify(words).slice(1, -1));
    expect(events).toContain("agent.tool.refused");
  });

  test("a tool that fails is a result, not the end", async () => {
    const { end, requests } = await runAgent({
      turns: [ask(["read_file", { path: "a" }]), say("so be it")],
      tool: async () => {
        throw new DurableFailure({ type: "x", status: 500, detail: "the disk is gone" });
      },
    });
    expect(outputOf(end)).toMatchObject({ message: "so be it" });
    expect(JSON.stringify(inputOf(requests[1]).append)).toContain("the disk is gone");
  });
});

describe("agentProgram, structured results", () => {
  const schema = { type: "object", required: ["n"] };

  test("gives the data that fits the schema", async () => {
    const { end, requests } = await runAgent({
      agent: { outputSchema: schema },
      turns: [say('{"n":1}', { data: { n: 1 } })],
    });
    expect(inputOf(requests[0]).outputSchema).toEqual(schema);
    expect(outputOf(end)).toMatchObject({ message: '{"n":1}', data: { n: 1 } });
  });

  test("tells the model what is wrong, twice at most", async () => {
    const wrong = say("{}", { problems: ["/n is missing"] });
    const repaired = await runAgent({
      agent: { outputSchema: schema },
      turns: [wrong, say('{"n":1}', { data: { n: 1 } })],
    });
    expect(outputOf(repaired.end)).toMatchObject({ data: { n: 1 }, steps: 2 });
    expect(JSON.stringify(inputOf(repaired.requests[1]).append)).toContain("/n is missing");

    const { end, requests } = await runAgent({ agent: { outputSchema: schema }, turns: [wrong, wrong, wrong, wrong] });
    expect(failureOf(end)).toMatchObject({ type: LIMIT_REACHED, data: { limit: "corrections", steps: 3 } });
    expect(requests.length).toBe(3);
  });
});

describe("agentProgram, limits", () => {
  const endless = (n: number) => ask(["read_file", { path: `${n}` }]);
  const many = Array.from({ length: 100 }, (_, n) => endless(n));

  test.each<[string, Record<string, Json>, string, number]>([
    ["steps", { steps: 4 }, "steps", 4],
    ["tokens", { tokens: 70 }, "tokens", 4],
  ])("%s", async (_name, limits, limit, calls) => {
    const { end, requests } = await runAgent({ agent: { limits }, turns: many });
    expect(failureOf(end)).toMatchObject({
      type: LIMIT_REACHED,
      status: 422,
      retryable: false,
      data: { limit, steps: calls, usage: { totalTokens: calls * 15 }, headRef: `sha256:head-${calls}` },
    });
    expect(requests.length).toBe(calls);
  });

  test("an execution can only narrow them", async () => {
    const narrowed = await runAgent({ agent: { limits: { steps: 4 } }, input: { limits: { steps: 2 } }, turns: many });
    expect(narrowed.requests.length).toBe(2);
    const widened = await runAgent({ agent: { limits: { steps: 4 } }, input: { limits: { steps: 9 } }, turns: many });
    expect(widened.requests.length).toBe(4);
  });

  test("time", async () => {
    const { end } = await runAgent({ agent: { limits: { time: "PT2M" } }, turns: [busy, busy, busy] });
    expect(failureOf(end)).toMatchObject({ type: LIMIT_REACHED, status: 408, data: { limit: "time", steps: 0 } });
  });

  test("equal calls in a row get a hint, then the turn ends", async () => {
    const same = ask(["read_file", { path: "a" }]);
    const { end, requests, effects } = await runAgent({ turns: [same, same, same, same, same, same] });
    expect(effects.filter((key) => key.startsWith("tool/")).length).toBe(2);
    expect(JSON.stringify(inputOf(requests[3]).append)).toContain("3 times in a row");
    expect(failureOf(end)).toMatchObject({ data: { limit: "repeated-calls", steps: 5 } });
  });

  test("an answer that was cut off in a tool call is not executed", async () => {
    const cut = { ...ask(["read_file", { path: "a" }]), finish: "length" };
    const { end, requests, effects } = await runAgent({ turns: [cut, say("short")] });
    expect(outputOf(end)).toMatchObject({ message: "short" });
    expect(effects.some((key) => key.startsWith("tool/"))).toBe(false);
    expect(inputOf(requests[1]).append).toMatchObject([
      { role: "tool", results: [{ callId: "call-0" }] },
      { role: "user" },
    ]);
  });
});

describe("agentProgram, failures of the model", () => {
  test("waits as long as the provider asks, in durable time", async () => {
    const { end, run, events } = await runAgent({ turns: [busy, say("now")] });
    expect(outputOf(end)).toMatchObject({ message: "now" });
    const started = run.events.find((event) => event.type === "agent.step.started")?.atMs ?? 0;
    const answered = run.events.find((event) => event.type === "agent.usage")?.atMs ?? 0;
    expect(answered - started).toBeGreaterThanOrEqual(90_000);
    expect(events).toContain("agent.retried");
  });

  test("does not repeat what cannot help", async () => {
    const { end, requests } = await runAgent({ turns: [{ type: "bad", status: 400, retryable: false }] });
    expect(failureOf(end)).toMatchObject({ type: "bad", status: 400 });
    expect(requests.length).toBe(1);
  });

  test("gives up after six tries, and at once when it should wait for hours", async () => {
    const broken: Failure = { type: "broken", status: 500 };
    expect((await runAgent({ turns: Array(9).fill(broken) })).requests.length).toBe(6);
    const hours: Failure = { type: "busy", status: 429, data: { retryAfterMs: 7_200_000 } };
    expect((await runAgent({ turns: [hours] })).requests.length).toBe(1);
  });
});

describe("agentProgram, crashes", () => {
  const turns = [
    ask(["read_file", { path: "a" }], ["docs__search", { q: "b" }]),
    ask(["read_file", { path: "c" }]),
    say("done"),
  ];

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("a finished model call is never paid again (seed %i)", async (seed) => {
    const calm = await runAgent({ turns });
    const { end, requests, events } = await runAgent({ turns, chaos: { seed, rate: 0.4 }, snapshots: true });
    expect(outputOf(end)).toEqual(outputOf(calm.end));
    // The next call leaves only when the last answer is on disk: from then on nobody asks for that answer again.
    const steps = requests.map((call) => Number(call.key.slice("model/".length)));
    expect(steps).toEqual(steps.toSorted());
    expect(new Set(steps)).toEqual(new Set([1, 2, 3]));
    expect(events).toEqual(calm.events);
  });

  test("a crash in the middle of a model call repeats that call only", async () => {
    let crashed = false;
    const { end, requests } = await runAgent({
      turns: [...turns.slice(0, 1), say("lost"), ...turns.slice(1)],
      onEffect: (call, run) => {
        if (call.key !== "model/2" || crashed) return;
        crashed = true;
        run.crash();
      },
    });
    expect(outputOf(end)).toMatchObject({ message: "done", steps: 3 });
    expect(requests.map((call) => call.key)).toEqual(["model/1", "model/2", "model/2", "model/3"]);
  });

  test("a cancelled turn ends as cancelled", async () => {
    const { end } = await runAgent({ turns, onEffect: (call, run) => void (call.key === "tool/1/0" && run.cancel()) });
    expect(end).toEqual({ kind: "cancelled" });
  });
});

describe("agentProgram, wrong definitions", () => {
  test.each<[string, Record<string, Json>, Record<string, Json>, string]>([
    ["no instructions", { instructions: null }, {}, "definition.instructions"],
    ["no model", { model: null }, {}, "definition.model"],
    ["an unknown MCP server", { mcpServers: ["gone"] }, {}, '"gone"'],
    ["two servers of one name", { mcpServers: ["docs", { name: "docs", command: "x" }] }, {}, '"docs__'],
    ["zero steps", { limits: { steps: 0 } }, {}, "definition.limits.steps"],
    ["a time that is none", { limits: { time: "soon" } }, {}, "definition.limits.time"],
    ["no message", {}, { message: null }, "input.message"],
  ])("%s", async (_name, agent, input, words) => {
    const { end, requests } = await runAgent({ agent, input, turns: [] });
    expect(failureOf(end)).toMatchObject({ status: 400, detail: expect.stringContaining(words) });
    expect(requests).toEqual([]);
  });
});
