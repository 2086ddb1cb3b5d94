import { parseText } from "@stigmer/dsl";
import type { RunReport } from "@stigmer/interpreter";
import { expect } from "vitest";
import type { Step } from "./read-feature.ts";

/** A step that looks at the result of a run: the pattern of its words, and what it expects. */
interface Expectation {
  readonly pattern: RegExp;
  check(report: RunReport, words: readonly string[], expected: unknown): void;
}

/** All steps of the kit that begin with `Then`, and those that its README adds. */
const EXPECTATIONS: readonly Expectation[] = [
  {
    pattern: /^the workflow should complete( with output:)?$/,
    check(report, [withOutput], expected) {
      expect(report).toMatchObject({ status: "completed" });
      if (withOutput !== undefined) expect(report.output).toEqual(expected);
    },
  },
  {
    pattern: /^the workflow should fault( with error:)?$/,
    check(report, [withError], expected) {
      expect(report).toMatchObject({ status: "faulted" });
      if (withError !== undefined) expect(report.error).toEqual(expected);
    },
  },
  {
    pattern: /^the workflow should cancel$/,
    check: (report) => expect(report.status).toBe("cancelled"),
  },
  {
    pattern: /^the workflow output should have properties (.+)$/,
    check(report, [list = ""]) {
      const paths = [...list.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? "");
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths) expect([path, at(report.output, path) === undefined]).toEqual([path, false]);
    },
  },
  {
    pattern: /^the workflow output should have a '([^']*)' property with value:$/,
    check: (report, [path = ""], expected) => expect(at(report.output, path)).toEqual(expected),
  },
  {
    pattern: /^the workflow output should have a '([^']*)' property containing (\d+) items$/,
    check: (report, [path = "", count]) => expect(at(report.output, path)).toHaveLength(Number(count)),
  },
  {
    pattern: /^(\w+) should run (first|last)$/,
    check: (report, [task, place]) => expect(namesOf(report).at(place === "first" ? 0 : -1)).toBe(task),
  },
  {
    pattern: /^(\w+) should run (before|after) (\w+)$/,
    check(report, [task = "", order, other = ""]) {
      const [first, second] = order === "before" ? [task, other] : [other, task];
      const names = namesOf(report);
      expect(names).toContain(first);
      expect(names.indexOf(second)).toBeGreaterThan(names.indexOf(first));
    },
  },
  {
    pattern: /^(\w+) should (cancel|complete|fault)( with (?:output|error):)?$/,
    check(report, [name, outcome, withValue], expected) {
      const task = report.tasks.find((one) => one.name === name);
      const status = { cancel: "cancelled", complete: "completed", fault: "faulted" }[outcome ?? ""];
      expect(task).toMatchObject({ name, status });
      if (withValue !== undefined) expect(outcome === "fault" ? task?.error : task?.output).toEqual(expected);
    },
  },
];

/**
 * Checks one `Then` step against the result of a run.
 *
 * @throws {Error} when the kit has a step that is not known here
 */
export function checkStep(step: Step, report: RunReport): void {
  for (const { pattern, check } of EXPECTATIONS) {
    const match = pattern.exec(step.text);
    if (match === null) continue;
    return check(report, match.slice(1), step.docString === undefined ? undefined : parseText(step.docString).value);
  }
  throw new Error(`Cannot check "${step.text}": the runner does not know this step`);
}

function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (parent, name) =>
        typeof parent === "object" && parent !== null && Object.hasOwn(parent, name)
          ? (parent as Record<string, unknown>)[name]
          : undefined,
      value,
    );
}

/** Names of tasks in start order; tasks that were skipped did not run. */
function namesOf(report: RunReport): readonly string[] {
  return report.tasks.filter(({ status }) => status !== "skipped").map(({ name }) => name);
}
