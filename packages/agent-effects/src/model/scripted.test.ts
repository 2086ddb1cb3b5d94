import type { Json } from "@stigmer/durable";
import { afterEach, describe, expect, test } from "vitest";
import { type Bench, createBench, failureOf } from "../agent-effects.testsuite.ts";

let bench: Bench;
afterEach(() => bench.dispose());

function start(turns: readonly Json[], more: Record<string, Json> = {}) {
  bench = createBench();
  return (append: Json, head: Json = null, key = "model/1") =>
    bench.run(
      "model",
      { model: { provider: "scripted", turns, ...more }, instructions: "x", head, append, toolsRef: null },
      { key },
    ) as Promise<{ headRef: string; text: string }>;
}

const user = (text: string) => [{ role: "user", text }];

describe("scripted model", () => {
  test("says its turns in order, word by word", async () => {
    const ask = start([{ text: "one two", usage: { inputTokens: 3, outputTokens: 2 } }, { text: "three" }]);
    const first = await ask(user("a"));
    expect(first).toMatchObject({ text: "one two", usage: { inputTokens: 3, outputTokens: 2 } });
    expect(bench.tokens).toEqual([
      { offset: 0, text: "one" },
      { offset: 3, text: " two" },
    ]);
    expect(await ask(user("b"), first.headRef)).toMatchObject({ text: "three" });
  });

  test("the same question gets the same answer", async () => {
    const ask = start([{ text: "one" }, { text: "two" }]);
    const first = await ask(user("a"));
    expect(await ask(user("a"))).toEqual(first);
  });

  test("uses what it was told", async () => {
    const ask = start([
      { text: "You said ${ .last | ascii_upcase }!" },
      { output: { words: "${ .results | length }" } },
    ]);
    const first = await ask(user("hi"));
    expect(first.text).toBe("You said HI!");
    const results = [{ callId: "c", tool: "t", outcome: "ok", text: "x" }];
    expect(await ask([{ role: "tool", results }], first.headRef)).toMatchObject({ text: '{"words":1}' });
  });

  test("asks for tools, with broken arguments if told so", async () => {
    const ask = start([
      {
        toolCalls: [
          { name: "a", arguments: { x: 1 } },
          { name: "b", arguments: '{"x": 1,}' },
          { name: "c", arguments: "{no" },
        ],
      },
    ]);
    expect(await ask(user("go"))).toMatchObject({
      finish: "tool-calls",
      calls: [
        { id: "call_0", name: "a", arguments: { x: 1 } },
        { id: "call_1", name: "b", arguments: { x: 1 } },
        { id: "call_2", name: "c", invalid: expect.stringContaining("no JSON") },
      ],
    });
  });

  test("fails as often as told, then goes on", async () => {
    const ask = start([{ error: { status: 429, retryAfterMs: 50, times: 2 }, text: "at last" }]);
    for (const key of ["model/1", "model/1#2"]) {
      expect(await failureOf(ask(user("a"), null, key))).toMatchObject({ status: 429, data: { retryAfterMs: 50 } });
    }
    expect(await ask(user("a"), null, "model/1#3")).toMatchObject({ text: "at last" });
  });

  test("holds the conversation to its expectations", async () => {
    const ask = start([{ expect: "milk", text: "yes" }]);
    expect(await ask(user("some milk"))).toMatchObject({ text: "yes" });
    expect(await failureOf(ask(user("some tea")))).toMatchObject({
      retryable: false,
      detail: expect.stringContaining('"milk"'),
    });
  });

  test("ends with its script, or begins again", async () => {
    const ask = start([{ text: "one" }]);
    const { headRef } = await ask(user("a"));
    expect(await failureOf(ask(user("b"), headRef))).toMatchObject({ detail: expect.stringContaining("1 turns") });
    await bench.dispose();
    const again = start([{ text: "one" }], { loop: true });
    const first = await again(user("a"));
    expect(await again(user("b"), first.headRef)).toMatchObject({ text: "one" });
  });

  test("takes its time and stops when it is cancelled", async () => {
    start([]);
    const abort = new AbortController();
    const model = { provider: "scripted", turns: [{ text: "a b", delay: 60_000 }] };
    const input = { model, instructions: "x", head: null, append: user("a"), toolsRef: null };
    const failed = failureOf(bench.run("model", input, { signal: abort.signal }));
    abort.abort();
    expect(await failed).toMatchObject({ title: "Cancelled" });
  });
});
