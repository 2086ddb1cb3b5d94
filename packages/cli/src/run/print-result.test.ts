import { describe, expect, test } from "vitest";
import type { Terminal } from "../terminal.ts";
import { printResult, type RunResult } from "./print-result.ts";

function print(result: Omit<RunResult, "id" | "place" | "streamed">, streamed = ""): string {
  let text = "";
  const terminal: Pick<Terminal, "out"> = {
    out: (part) => {
      text += part;
    },
  };
  printResult(terminal as Terminal, { ...result, id: "wex_1", place: "server", streamed });
  return text;
}

describe("printResult()", () => {
  test("prints the output of a workflow as JSON", () => {
    expect(print({ status: "completed", kind: "Workflow", output: { a: 1 } })).toBe('{\n  "a": 1\n}\n');
  });

  test("prints the words of an agent as they are", () => {
    expect(print({ status: "completed", kind: "Agent", output: { message: "hi" } })).toBe("hi\n");
  });

  const data = { a: 1 };
  test.each([
    ["words that were shown end their line", { message: "hi there" }, "hi there", "\n"],
    ["words that were shown in part come whole", { message: "hi there" }, "hi", "\nhi there\n"],
    ["data stands on a line of its own", { message: "done", data }, "I answer.", '\n{\n  "a": 1\n}\n'],
    ["data that was shown is not printed twice", { message: "", data }, '{"a":1}', "\n"],
  ])("after streamed words, %s", (_, output, streamed, printed) => {
    expect(print({ status: "completed", kind: "Agent", output }, streamed)).toBe(printed);
  });

  test.each([
    ["cancelled", "EXECUTION_CANCELLED", "Execution wex_1 was cancelled"],
    ["faulted", "EXECUTION_FAULTED", "Execution wex_1 faulted: Broken: it broke"],
  ] as const)("one that was %s is an error", (status, reason, message) => {
    const error = { title: "Broken", detail: "it broke", instance: "/do/0" };
    expect(() => print({ status, kind: "Workflow", error })).toThrow(expect.objectContaining({ reason, message }));
  });
});
