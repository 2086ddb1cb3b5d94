import type { ExpectSpec, Json } from "@stigmer/dsl";
import { equalJson } from "@stigmer/jq";
import type { CaseRun } from "./case-run.ts";
import { checkCalls } from "./check-calls.ts";
import { checkTasks } from "./check-tasks.ts";
import type { Mismatch } from "./expectation.ts";
import { matchesPartially, project } from "./match-json.ts";
import { writtenMs } from "./mock-book.ts";

/** Everything that a run did otherwise than expected. @param pointer of the test in its file */
export function checkExpectations(expect: ExpectSpec, run: CaseRun, pointer: string): readonly Mismatch[] {
  const at = `${pointer}/expect`;
  const status = checkStatus(expect, run, at);
  // Without the expected end there is no output to compare.
  const end = status.length > 0 ? [] : [...checkOutput(expect, run, at), ...checkError(expect, run, at)];
  return [
    ...run.refusals.map((message) => ({ pointer, message })),
    ...status,
    ...end,
    ...checkTasks(expect.tasks ?? {}, run, `${at}/tasks`),
    ...checkCalls(expect.calls ?? [], run, `${at}/calls`),
    ...checkEmitted(expect.emitted, run, `${at}/emitted`),
    ...checkDuration(expect.duration, run, `${at}/duration`),
  ];
}

function checkStatus(expect: ExpectSpec, run: CaseRun, at: string): readonly Mismatch[] {
  const wanted = expect.status ?? (expect.error === undefined ? "completed" : "faulted");
  if (run.status === wanted) return [];
  const pointer = expect.status !== undefined ? `${at}/status` : expect.error !== undefined ? `${at}/error` : at;
  return [{ pointer, message: `It was to be ${wanted} and is ${run.status}${whyOf(run)}` }];
}

function whyOf({ status, report }: CaseRun): string {
  switch (status) {
    case "completed":
      return ` with ${JSON.stringify(report.output ?? null)}`;
    case "faulted":
      return `: ${[report.error?.title, report.error?.detail, report.error?.instance].filter((part) => part !== undefined).join(", ")}`;
    case "waiting": {
      const names = report.tasks.filter((task) => task.status === "running").map(({ reference }) => reference);
      return names.length === 0 ? "" : `: ${names.at(-1)} waits for what never comes`;
    }
    case "cancelled":
      return "";
  }
}

function checkOutput(expect: ExpectSpec, run: CaseRun, at: string): readonly Mismatch[] {
  const actual = run.report.output ?? null;
  const mismatches: Mismatch[] = [];
  const { output, outputMatches } = expect;
  if (output !== undefined && !equalJson(output, actual)) {
    mismatches.push({ pointer: `${at}/output`, message: "The output differs", compare: { expected: output, actual } });
  }
  if (outputMatches !== undefined && !matchesPartially(outputMatches, actual)) {
    mismatches.push(partial(`${at}/outputMatches`, "The output does not match", outputMatches, actual));
  }
  return mismatches;
}

function checkError(expect: ExpectSpec, run: CaseRun, at: string): readonly Mismatch[] {
  const actual = run.report.error ?? null;
  if (expect.error === undefined || matchesPartially(expect.error, actual)) return [];
  return [partial(`${at}/error`, "The error does not match", expect.error, actual)];
}

function checkEmitted(expected: readonly Json[] | undefined, run: CaseRun, pointer: string): readonly Mismatch[] {
  if (expected === undefined || matchesPartially(expected, run.emitted)) return [];
  return [partial(pointer, `The emitted events do not match (${run.emitted.length})`, expected, run.emitted)];
}

function checkDuration(expected: ExpectSpec["duration"], run: CaseRun, pointer: string): readonly Mismatch[] {
  if (expected === undefined) return [];
  const { max, exact } = expected;
  if (exact !== undefined && writtenMs(exact) !== run.durationMs) {
    return [
      { pointer: `${pointer}/exact`, message: `It was to take ${writtenMs(exact)} ms and took ${run.durationMs} ms` },
    ];
  }
  if (max === undefined || run.durationMs <= writtenMs(max)) return [];
  return [
    { pointer: `${pointer}/max`, message: `It was to take at most ${writtenMs(max)} ms and took ${run.durationMs} ms` },
  ];
}

function partial(pointer: string, message: string, expected: Json, actual: Json): Mismatch {
  return { pointer, message, compare: { expected, actual: project(expected, actual) } };
}
