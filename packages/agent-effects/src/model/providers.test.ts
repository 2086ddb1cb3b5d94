import type { ServerResponse } from "node:http";
import type { Json } from "@stigmer/durable";
import { afterEach, describe, expect, test } from "vitest";
import {
  type Bench,
  createBench,
  type FakeProvider,
  failureOf,
  type SeenRequest,
  startProvider,
} from "../agent-effects.testsuite.ts";

/** What a fake model says at one request. */
interface Said {
  readonly text?: string;
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly thought?: string;
  readonly cut?: true;
}

/** How one provider is spoken to: the settings of the model, and the wire format of an answer. */
interface Wire {
  readonly name: string;
  readonly model: (origin: string) => Record<string, Json>;
  readonly write: (said: Said, response: ServerResponse) => void;
  /** The words of the last message of a request. */
  readonly messages: (request: SeenRequest) => Json;
  readonly key: (request: SeenRequest) => string | undefined;
}

const sse = (response: ServerResponse, events: readonly { type?: string; data: Json }[]) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const { type, data } of events)
    response.write(`${type ? `event: ${type}\n` : ""}data: ${JSON.stringify(data)}\n\n`);
};

const anthropic: Wire = {
  name: "anthropic",
  model: (origin) => ({ provider: "anthropic", name: "claude-x", baseUrl: `${origin}/v1`, apiKey: { secret: "KEY" } }),
  messages: (request) => request.body.messages ?? null,
  key: (request) => request.headers["x-api-key"] as string | undefined,
  write(said, response) {
    const typed = (data: { type: string; [key: string]: Json }) => ({ type: data.type, data });
    let index = 0;
    const events = [
      typed({
        type: "message_start",
        message: {
          id: "m",
          type: "message",
          role: "assistant",
          model: "claude-x",
          content: [],
          stop_reason: null,
          usage: { input_tokens: 11, cache_read_input_tokens: 4, output_tokens: 1 },
        },
      }),
    ];
    const block = (start: Json, deltas: readonly Json[]) => {
      events.push(typed({ type: "content_block_start", index, content_block: start }));
      for (const delta of deltas) events.push(typed({ type: "content_block_delta", index, delta }));
      events.push(typed({ type: "content_block_stop", index }));
      index++;
    };
    if (said.thought) {
      block({ type: "thinking", thinking: "", signature: "" }, [
        { type: "thinking_delta", thinking: said.thought },
        { type: "signature_delta", signature: "sig-1" },
      ]);
    }
    if (said.text)
      block(
        { type: "text", text: "" },
        said.text.split(/(?<= )/).map((text) => ({ type: "text_delta", text })),
      );
    for (const call of said.calls ?? []) {
      block({ type: "tool_use", id: call.id, name: call.name, input: {} }, [
        { type: "input_json_delta", partial_json: call.arguments },
      ]);
    }
    if (!said.cut) {
      events.push(
        typed({
          type: "message_delta",
          delta: { stop_reason: said.calls ? "tool_use" : "end_turn", stop_sequence: null },
          usage: { output_tokens: 7 },
        }),
        typed({ type: "message_stop" }),
      );
    }
    sse(response, events);
    if (said.cut) response.destroy();
    else response.end();
  },
};

const compatible: Wire = {
  name: "openai-compatible",
  model: (origin) => ({
    provider: "openai-compatible",
    name: "m-1",
    baseUrl: `${origin}/v1`,
    apiKey: { secret: "KEY" },
  }),
  messages: (request) => request.body.messages ?? null,
  key: (request) => request.headers.authorization?.replace("Bearer ", ""),
  write(said, response) {
    const chunk = (delta: Json, finish: string | null = null) => ({
      data: {
        id: "c",
        object: "chat.completion.chunk",
        created: 1,
        model: "m-1",
        choices: [{ index: 0, delta, finish_reason: finish }],
      },
    });
    const events: { data: Json }[] = [];
    for (const text of said.text?.split(/(?<= )/) ?? []) events.push(chunk({ content: text }));
    for (const [index, call] of (said.calls ?? []).entries()) {
      events.push(
        chunk({
          tool_calls: [
            { index, id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } },
          ],
        }),
      );
    }
    if (!said.cut) {
      events.push(chunk({}, said.calls ? "tool_calls" : "stop"));
      events.push({
        data: {
          id: "c",
          object: "chat.completion.chunk",
          created: 1,
          model: "m-1",
          choices: [],
          usage: {
            prompt_tokens: 11,
            completion_tokens: 7,
            total_tokens: 18,
            prompt_tokens_details: { cached_tokens: 4 },
          },
        },
      });
    }
    sse(response, events);
    if (said.cut) response.destroy();
    else response.end("data: [DONE]\n\n");
  },
};

const openai: Wire = {
  name: "openai",
  model: (origin) => ({ provider: "openai", name: "gpt-x", baseUrl: `${origin}/v1`, apiKey: { secret: "KEY" } }),
  messages: (request) => request.body.input ?? null,
  key: (request) => request.headers.authorization?.replace("Bearer ", ""),
  write(said, response) {
    const typed = (data: { type: string; [key: string]: Json }) => ({ type: data.type, data });
    const events = [typed({ type: "response.created", response: { id: "r", created_at: 1, model: "gpt-x" } })];
    let index = 0;
    if (said.text) {
      const item = { type: "message", id: "msg", role: "assistant", content: [] };
      events.push(typed({ type: "response.output_item.added", output_index: index, item }));
      for (const delta of said.text.split(/(?<= )/)) {
        events.push(
          typed({ type: "response.output_text.delta", item_id: "msg", output_index: index, content_index: 0, delta }),
        );
      }
      events.push(typed({ type: "response.output_item.done", output_index: index++, item }));
    }
    for (const call of said.calls ?? []) {
      const item = {
        type: "function_call",
        id: `fc_${call.id}`,
        call_id: call.id,
        name: call.name,
        arguments: call.arguments,
        status: "completed",
      };
      events.push(typed({ type: "response.output_item.added", output_index: index, item: { ...item, arguments: "" } }));
      events.push(typed({ type: "response.output_item.done", output_index: index++, item }));
    }
    if (!said.cut) {
      const usage = {
        input_tokens: 11,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 0 },
      };
      events.push(typed({ type: "response.completed", response: { usage, incomplete_details: null } }));
    }
    sse(response, events);
    if (said.cut) response.destroy();
    else response.end();
  },
};

const ollama: Wire = {
  name: "ollama",
  model: (origin) => ({ provider: "ollama", name: "qwen", baseUrl: origin, apiKey: { secret: "KEY" } }),
  messages: (request) => request.body.messages ?? null,
  key: (request) => request.headers.authorization?.replace("Bearer ", ""),
  write(said, response) {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const line = (data: Json) => response.write(`${JSON.stringify(data)}\n`);
    for (const content of said.text?.split(/(?<= )/) ?? [])
      line({ message: { role: "assistant", content }, done: false });
    if (said.calls) {
      const calls = said.calls.map((call) => ({
        function: { name: call.name, arguments: JSON.parse(call.arguments) as Json },
      }));
      line({ message: { role: "assistant", content: "", tool_calls: calls }, done: false });
    }
    if (said.cut) return void response.destroy();
    line({
      message: { role: "assistant", content: "" },
      done: true,
      done_reason: "stop",
      prompt_eval_count: 11,
      eval_count: 7,
    });
    response.end();
  },
};

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp(wire: Wire, answer: (n: number, response: ServerResponse) => void) {
  const bench = createBench({ KEY: "k3y-value" });
  let n = 0;
  const provider = await startProvider((request, response) => {
    if (request.path === "/api/show") response.end(JSON.stringify({ model_info: { "qwen.context_length": 65_536 } }));
    else answer(++n, response);
  });
  cleanups.push(bench.dispose, provider.close);
  const seen = () => provider.seen.filter((request) => request.path !== "/api/show");
  return { bench, provider, seen, input: inputFor(wire, provider) };
}

function inputFor(wire: Wire, provider: FakeProvider) {
  return (more: Record<string, Json> = {}): Json => ({
    model: wire.model(provider.origin),
    instructions: "Be brief.",
    head: null,
    append: [{ role: "user", text: "hello" }],
    toolsRef: null,
    ...more,
  });
}

async function toolsRef(bench: Bench): Promise<Json> {
  const listed = await bench.run("agent-tools", { tools: ["read_file"], mcpServers: [] });
  return (listed as { toolsRef: string }).toolsRef;
}

describe.each([anthropic, openai, compatible, ollama])("$name", (wire) => {
  test("streams text, and reports usage and the digest of the conversation", async () => {
    const { bench, seen, input } = await setUp(wire, (_n, response) =>
      wire.write({ text: "good day to you" }, response),
    );
    const result = await bench.run("model", input());
    expect(result).toMatchObject({
      text: "good day to you",
      finish: "stop",
      calls: [],
      usage: {
        inputTokens: wire.name === "anthropic" ? 15 : 11,
        outputTokens: 7,
        cachedInputTokens: wire.name === "ollama" ? 0 : 4,
      },
      headRef: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(bench.tokens.map((token) => token.text).join("")).toBe("good day to you");
    expect(bench.tokens.length).toBeGreaterThan(1);
    expect(bench.tokens.at(-1)?.offset).toBe("good day to ".length);
    expect(wire.key(seen()[0] as SeenRequest)).toBe("k3y-value");
    expect(JSON.stringify(wire.messages(seen()[0] as SeenRequest))).toContain("hello");
  });

  test("calls tools and gets their results", async () => {
    const { bench, seen, input } = await setUp(wire, (n, response) =>
      wire.write(
        n === 1
          ? { text: "let me see", calls: [{ id: "call-1", name: "read_file", arguments: '{"path":"a.txt"}' }] }
          : { text: "done" },
        response,
      ),
    );
    const ref = await toolsRef(bench);
    const first = (await bench.run("model", input({ toolsRef: ref }))) as { headRef: string; calls: { id: string }[] };
    expect(first).toMatchObject({
      finish: "tool-calls",
      calls: [{ name: "read_file", arguments: { path: "a.txt" }, argsHash: expect.stringMatching(/^sha256:/) }],
    });
    expect(JSON.stringify(seen()[0]?.body.tools)).toContain("Reads a text file");
    const results = [{ callId: first.calls[0]?.id ?? "", tool: "read_file", outcome: "ok", text: "the content of a" }];
    const second = await bench.run(
      "model",
      input({ head: first.headRef, append: [{ role: "tool", results }], toolsRef: ref }),
    );
    expect(second).toMatchObject({ text: "done" });
    const sent = JSON.stringify(wire.messages(seen()[1] as SeenRequest));
    for (const part of ["hello", "let me see", "a.txt", "the content of a"]) expect(sent).toContain(part);
    if (wire.name === "openai") expect(sent).not.toContain("item_reference");
  });

  test("checks the arguments of calls", async () => {
    const { bench, input } = await setUp(wire, (_n, response) =>
      wire.write({ calls: [{ id: "c", name: "read_file", arguments: '{"path":5}' }] }, response),
    );
    const result = await bench.run("model", input({ toolsRef: await toolsRef(bench) }));
    expect(result).toMatchObject({ calls: [{ invalid: expect.stringContaining("/path") }] });
  });

  test.each<[number, boolean | undefined, string]>([
    [400, false, "communication"],
    [401, false, "authentication"],
    [404, false, "communication"],
    [429, undefined, "communication"],
    [500, undefined, "communication"],
    [529, undefined, "communication"],
  ])("status %i is not retried inside, and says whether a retry can help", async (status, retryable, type) => {
    const { bench, seen, input } = await setUp(wire, (_n, response) => {
      response.writeHead(status, { "content-type": "application/json", "retry-after": "7", "request-id": "req-1" });
      response.end(
        JSON.stringify({ type: "error", error: { type: "e", message: "no k3y-value today", code: null, param: null } }),
      );
    });
    const failed = await failureOf(bench.run("model", input()));
    expect(failed).toMatchObject({
      status,
      type: expect.stringContaining(type),
      data: { retryAfterMs: 7000, requestId: "req-1" },
    });
    expect(failed.retryable).toBe(retryable);
    expect(JSON.stringify(failed)).not.toContain("k3y-value");
    expect(seen().length).toBe(1);
  });

  test("an answer that is cut off is a failure, not a message", async () => {
    const { bench, seen, input } = await setUp(wire, (_n, response) =>
      wire.write({ text: "half an ans", cut: true }, response),
    );
    const failed = await failureOf(bench.run("model", input()));
    expect(failed.retryable).toBe(undefined);
    expect(seen().length).toBe(1);
  });

  test("nobody listens", async () => {
    const { bench, provider, input } = await setUp(wire, () => undefined);
    await provider.close();
    cleanups.pop();
    const failed = await failureOf(bench.run("model", input()));
    expect(failed).toMatchObject({
      type: expect.stringContaining("communication"),
      detail: expect.stringContaining("ECONNREFUSED"),
    });
    expect(failed.retryable).toBe(undefined);
  });

  test("cancelling closes the connection", async () => {
    const abort = new AbortController();
    let closed: () => void = () => undefined;
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { bench, input } = await setUp(wire, (_n, response) => {
      response.on("close", closed);
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      abort.abort();
    });
    const failed = await failureOf(bench.run("model", input(), { signal: abort.signal }));
    expect(failed).toMatchObject({ title: "Cancelled", retryable: false });
    await isClosed;
  });
});

describe("model settings", () => {
  test.each<[string, Json, string]>([
    ["an unknown provider", { provider: "acme", name: "x" }, "anthropic, openai"],
    ["a key in plain sight", { provider: "openai", name: "x", apiKey: "sk-123" }, "must name a secret"],
    ["a missing secret", { provider: "openai", name: "x", apiKey: { secret: "GONE" } }, '"GONE"'],
    ["no key", { provider: "anthropic", name: "x" }, "needs a key"],
    ["no name", { provider: "anthropic" }, '"name"'],
    ["no address", { provider: "openai-compatible", name: "x" }, '"baseUrl"'],
    ["a metadata address", { provider: "ollama", name: "x", baseUrl: "http://169.254.169.254" }, "refused always"],
    ["no number", { provider: "ollama", name: "x", temperature: "hot" }, '"temperature"'],
  ])("%s is refused", async (_name, model, words) => {
    const bench = createBench();
    cleanups.push(bench.dispose);
    const input = { model, instructions: "x", head: null, append: [{ role: "user", text: "hi" }], toolsRef: null };
    expect(await failureOf(bench.run("model", input))).toMatchObject({
      retryable: false,
      detail: expect.stringContaining(words),
    });
  });

  test("thoughts go back to Anthropic with their signature", async () => {
    const { bench, seen, input } = await setUp(anthropic, (_n, response) =>
      anthropic.write(
        { thought: "hm", text: "so", calls: [{ id: "c1", name: "read_file", arguments: "{}" }] },
        response,
      ),
    );
    const { headRef } = (await bench.run("model", input())) as { headRef: string };
    const append = [{ role: "tool", results: [{ callId: "c1", tool: "read_file", outcome: "ok", text: "x" }] }];
    await bench.run("model", input({ head: headRef, append }));
    expect(JSON.stringify(seen()[1]?.body)).toContain('{"type":"thinking","thinking":"hm","signature":"sig-1"}');
  });

  test("nothing is stored at OpenAI", async () => {
    const { bench, seen, input } = await setUp(openai, (_n, response) => openai.write({ text: "ok" }, response));
    await bench.run("model", input());
    expect(seen()[0]?.body.store).toBe(false);
  });

  test("a structured answer is read and checked", async () => {
    const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
    const answers = ['```json\n{"n": 1}\n```', '{"n": "one"}', "no data at all"];
    const { bench, seen, input } = await setUp(compatible, (n, response) =>
      compatible.write({ text: answers[n - 1] ?? "" }, response),
    );
    const ask = () => bench.run("model", input({ outputSchema: schema }));
    expect(await ask()).toMatchObject({ data: { n: 1 }, problems: [] });
    expect(await ask()).toMatchObject({ problems: [expect.stringContaining("/n")] });
    expect(await ask()).toMatchObject({ problems: ["it is no JSON"] });
    expect(JSON.stringify(seen()[0]?.body)).toContain("exactly one JSON value");
  });

  test("a conversation that ended between a call and its result can go on", async () => {
    const { bench, seen, input } = await setUp(anthropic, (n, response) =>
      anthropic.write(
        n === 1 ? { calls: [{ id: "c1", name: "read_file", arguments: "{}" }] } : { text: "fine" },
        response,
      ),
    );
    const { headRef } = (await bench.run("model", input())) as { headRef: string };
    expect(await bench.run("model", input({ head: headRef }))).toMatchObject({ text: "fine" });
    expect(JSON.stringify(seen()[1]?.body)).toContain("There is no result");
  });
});

describe("ollama, contexts", () => {
  const long = (characters: number) => [{ role: "user", text: "word ".repeat(characters / 5) }];

  test("asks for its context explicitly", async () => {
    const { bench, seen, input } = await setUp(ollama, (_n, response) => ollama.write({ text: "ok" }, response));
    await bench.run("model", input());
    expect(seen()[0]?.body.options).toMatchObject({ num_ctx: 32_768 });
  });

  test("refuses what would be cut, before it is sent", async () => {
    const { bench, seen, input } = await setUp(ollama, (_n, response) => ollama.write({ text: "ok" }, response));
    const failed = await failureOf(bench.run("model", input({ append: long(200_000) })));
    expect(failed).toMatchObject({
      title: "Context too small",
      retryable: false,
      detail: expect.stringMatching(/32768.*65536/),
    });
    expect(seen()).toEqual([]);
  });

  test("does not trust an answer to a prompt that was cut", async () => {
    const { bench, input } = await setUp(ollama, (_n, response) => ollama.write({ text: "ok" }, response));
    const failed = await failureOf(bench.run("model", input({ append: long(40_000) })));
    expect(failed).toMatchObject({ title: "Context truncated", retryable: false });
  });

  test("an error in the stream is a failure", async () => {
    const { bench, input } = await setUp(ollama, (_n, response) => {
      response.write(`${JSON.stringify({ message: { content: "a" }, done: false })}\n`);
      response.end(`${JSON.stringify({ error: "out of memory" })}\n`);
    });
    expect(await failureOf(bench.run("model", input()))).toMatchObject({
      detail: expect.stringContaining("out of memory"),
    });
  });
});
