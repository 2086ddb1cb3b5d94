import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAgentEffects, createMemoryBlobs, createTranscripts } from "@stigmer/agent-effects";
import { agentProgram } from "@stigmer/agent-loop";
import {
  type ActivationEnd,
  createMemoryHost,
  type EffectCall,
  type Json,
  type MemoryExecution,
  VirtualClock,
} from "@stigmer/durable";
import { identifyProcess } from "@stigmer/lifecycle";
import { afterEach, describe, expect, test } from "vitest";

// The loop and the effects of agents together on the memory host: real files, real processes, real HTTP.

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function createWorld(onEffect?: (call: EffectCall, run: MemoryExecution) => void) {
  const workspaceDir = mkdtempSync(join(tmpdir(), "turn-"));
  const blobs = createMemoryBlobs();
  const effects = createAgentEffects({ blobs });
  cleanups.push(
    () => rmSync(workspaceDir, { recursive: true, force: true }),
    () => effects.close(),
  );
  const tokens: string[] = [];
  let executionId = "";
  const clock = new VirtualClock();
  const host = createMemoryHost({
    programs: { agent: agentProgram },
    clock,
    settle: (done) => void setImmediate(done),
    onToken: (_id, _key, _offset, text) => void tokens.push(text),
    runEffect: async (call, context) => {
      const run = host.find(context.executionId);
      if (run) onEffect?.(call, run);
      const abort = new AbortController();
      context.signal.onAbort(() => abort.abort());
      const handler = effects.handlers[call.kind];
      if (!handler) throw new Error(`no effect ${call.kind}`);
      return handler(call.input, {
        ...{ executionId: context.executionId, key: call.key, attempt: context.attempt, idempotencyKey: call.key },
        signal: abort.signal,
        workspaceDir,
        resolveSecrets: async () => ({}),
        onToken: context.onToken,
      });
    },
  });
  const say = async (definition: Json, message: string, more: Record<string, Json> = {}) => {
    const execution = { id: "aex_1", namespace: "default", startedAtMs: clock.now() };
    const run = host.start({ program: "agent", input: { definition, message, execution, ...more } });
    executionId = run.id;
    return { end: await run.ended, run };
  };
  const closeExecution = () => effects.closeExecution(executionId);
  return { closeExecution, workspaceDir, transcripts: createTranscripts(blobs), tokens, say };
}

interface Output {
  readonly message: string;
  readonly data?: Json;
  readonly steps: number;
  readonly session: { readonly headRef: string };
}

function outputOf(end: ActivationEnd): Output {
  if (end.kind !== "completed") throw new Error(`it ended with ${JSON.stringify(end)}`);
  return end.output as unknown as Output;
}

const scripted = (turns: readonly Json[], more: Record<string, Json> = {}): Json => ({
  instructions: "Help with the notes.",
  model: { provider: "scripted", turns },
  tools: ["list_files", "read_file", "search_files"],
  ...more,
});
const expression = (text: string) => `$\{ ${text} }`;

describe("a turn of an agent", () => {
  test("reads real files and answers with data", async () => {
    const { workspaceDir, tokens, say } = createWorld();
    writeFileSync(join(workspaceDir, "todo.md"), "- buy milk\n- call Ann\n");
    const { end, run } = await say(
      scripted(
        [
          { toolCalls: [{ name: "list_files", arguments: {} }] },
          {
            expect: "todo.md",
            text: "Let me read.",
            toolCalls: [{ name: "read_file", arguments: { path: "todo.md" } }],
          },
          {
            expect: "buy milk",
            output: {
              first: expression('.last | split("\\n") | .[0]'),
              open: expression('.last | split("\\n") | length'),
            },
          },
        ],
        { outputSchema: { type: "object", properties: { open: { type: "integer" } }, required: ["open"] } },
      ),
      "What is open?",
    );
    expect(outputOf(end)).toMatchObject({ data: { first: "- buy milk", open: 2 }, steps: 3 });
    expect(tokens.join("")).toContain("Let me read.");
    expect(run.events.map((event) => event.type)).toContain("agent.tool.completed");
    // The journal holds references and small summaries, not the conversation.
    expect(JSON.stringify(run.journal).length).toBeLessThan(6_000);
  });

  test("an answer that does not fit its schema is corrected", async () => {
    const { say } = createWorld();
    const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
    const turns = [{ text: "I think it is one." }, { output: { n: "one" } }, { expect: "/n", output: { n: 1 } }];
    const { end } = await say(scripted(turns, { outputSchema: schema }), "How many?");
    expect(outputOf(end)).toMatchObject({ data: { n: 1 }, steps: 3 });
  });

  test("a session remembers", async () => {
    const { say, transcripts } = createWorld();
    const agent = scripted([{ text: "Hello Ann." }, { text: "You are Ann." }]);
    const first = outputOf((await say(agent, "I am Ann.")).end);
    const second = outputOf(
      (await say(agent, "Who am I?", { session: { id: "ses_1", headRef: first.session.headRef } })).end,
    );
    expect(second).toMatchObject({ message: "You are Ann.", session: { id: "ses_1" } });
    const messages = await transcripts.load(second.session.headRef);
    expect(messages.map((message) => message.role)).toEqual(["user", "assistant", "user", "assistant"]);
  });

  test("tools of an MCP server that only read are used, the others are refused", async () => {
    const { workspaceDir, say } = createWorld();
    const server = join(workspaceDir, "server.mjs");
    writeFileSync(server, MCP_SERVER);
    const turns = [
      {
        toolCalls: [
          { name: "notes__count", arguments: {} },
          { name: "notes__erase", arguments: {} },
        ],
      },
      { expect: "only tools that read", text: expression(".results[0]") },
    ];
    const agent = scripted(turns, { mcpServers: [{ name: "notes", command: process.execPath, args: [server] }] });
    const { end, run } = await say(agent, "Count.");
    expect(outputOf(end)).toMatchObject({ message: "42 notes" });
    expect(run.events.filter((event) => event.type === "agent.tool.refused").length).toBe(1);
    expect(readFileSync(join(workspaceDir, "calls.txt"), "utf8")).toBe("count\n");
  });

  test("a model call that was finished before a crash is not paid again", async () => {
    const requests: string[] = [];
    const provider = http.createServer((request, response) => {
      request.resume().on("end", () => {
        requests.push(request.url ?? "");
        response.end(
          `${JSON.stringify({ message: { content: `answer ${requests.length}` }, done: true, prompt_eval_count: 5, eval_count: 2 })}\n`,
        );
      });
    });
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => new Promise<void>((resolve) => void provider.close(() => resolve())));
    const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    let crashes = 0;
    // The answer to the first call does not fit, so there is a second one; the runner dies when that begins.
    const { say } = createWorld((call, run) => {
      if (call.key === "model/2" && crashes++ === 0) run.crash();
    });
    const { end } = await say(
      { instructions: "x", model: { provider: "ollama", name: "m", baseUrl }, outputSchema: { const: "never" } },
      "go",
    );
    expect(end).toMatchObject({ kind: "failed", failure: { data: { limit: "corrections", steps: 3 } } });
    // The first was on disk and is asked for once; the second was cut off and is asked for again.
    expect(requests.filter((path) => path === "/api/chat").length).toBe(4);
    expect(crashes).toBe(2);
  });

  test("the MCP servers of a cancelled turn end when it is let go", async () => {
    const { workspaceDir, say, closeExecution } = createWorld((call, run) => {
      if (call.key === "tool/1/0") run.cancel();
    });
    const server = join(workspaceDir, "server.mjs");
    writeFileSync(server, MCP_SERVER);
    const turns = [{ toolCalls: [{ name: "notes__count", arguments: {} }] }, { text: "done" }];
    const agent = scripted(turns, { mcpServers: [{ name: "notes", command: process.execPath, args: [server] }] });
    const { end } = await say(agent, "Count.");
    expect(end).toEqual({ kind: "cancelled" });
    const pid = Number(readFileSync(join(workspaceDir, "server.pid"), "utf8"));
    expect(identifyProcess(pid)).toBeDefined();
    await closeExecution();
    expect(identifyProcess(pid)).toBeUndefined();
  });
});

const MCP_SERVER = `
import { appendFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
writeFileSync("server.pid", String(process.pid));
const send = (id, result) => console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
const tool = (name, readOnlyHint) => ({ name, inputSchema: { type: "object" }, annotations: { readOnlyHint } });
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") {
    send(id, { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: "notes", version: "1" } });
  } else if (method === "tools/list") {
    send(id, { tools: [tool("count", true), tool("erase", false)] });
  } else if (method === "tools/call") {
    appendFileSync("calls.txt", params.name + "\\n");
    send(id, { content: [{ type: "text", text: "42 notes" }] });
  }
});
`;
