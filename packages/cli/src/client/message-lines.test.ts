import { describe, expect, test } from "vitest";
import { messageLines } from "./message-lines.ts";

describe("messageLines()", () => {
  test.each([
    ["a text", { role: "user", text: "hello" }, ["user       hello"]],
    ["a text of two lines", { role: "user", text: "a\nb" }, ["user       a\n           b"]],
    [
      "words and a call",
      {
        role: "assistant",
        parts: [
          { kind: "reasoning", text: "hm" },
          { kind: "text", text: "I look." },
          { kind: "call", id: "c1", name: "read_file", arguments: '{"path":"a.txt"}' },
        ],
      },
      ["assistant  I look.", 'assistant  read_file({"path":"a.txt"})'],
    ],
    [
      "results",
      {
        role: "tool",
        results: [
          { callId: "c1", tool: "read_file", outcome: "ok", text: `one\ntwo ${"x".repeat(300)}` },
          { callId: "c2", tool: "shell", outcome: "failed", text: "no" },
        ],
      },
      [`tool       read_file: one two ${"x".repeat(189)}...`, "tool       shell failed: no"],
    ],
    ["an unknown form", { role: "x", y: 1 }, ['x          {"role":"x","y":1}']],
  ])("prints %s", (_, message, lines) => {
    expect(messageLines(message)).toEqual(lines);
  });
});
