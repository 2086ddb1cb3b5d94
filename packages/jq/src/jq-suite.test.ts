import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileJq, equalJson, type Json, parseJsonText, toJsonText } from "./index.ts";

const FOLDER = join(process.env.STIGMER_TEST_DATA ?? join(import.meta.dirname, "../../../../shared/data"), "jq");
const FILES = ["jq", "man", "onig", "manonig", "base64", "uri"];

/** Cases that are left out: they load module files or read the environment of the process. */
function needsOutside(program: string): boolean {
  return /^(import|include) |^modulemeta|\$ENV|^env\./.test(program);
}

/** Cases that may fail, each with its reason. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([]);

interface SuiteCase {
  readonly name: string;
  readonly program: string;
  readonly input: string;
  /** Undefined when the program must not compile. */
  readonly outputs: readonly string[] | undefined;
}

/** Groups of program, input and outputs; `%%FAIL` marks a program that must be refused. */
function readCases(file: string): SuiteCase[] {
  const lines = readFileSync(join(FOLDER, `${file}.test`), "utf8").split("\n");
  const cases: SuiteCase[] = [];
  for (let at = 0; at < lines.length; at++) {
    const first = lines[at] ?? "";
    if (first.trim() === "" || first.startsWith("#")) continue;
    const group: string[] = [];
    for (; at < lines.length && (lines[at] ?? "").trim() !== ""; at++) group.push(lines[at] ?? "");
    const [program = "", input = "", ...outputs] = group;
    const name = `${file}.test:${at - group.length + 1}`;
    if (program.startsWith("%%FAIL")) cases.push({ name, program: input, input: "null", outputs: undefined });
    else cases.push({ name, program, input, outputs: outputs.filter((line) => !line.startsWith("#")) });
  }
  return cases;
}

function run(program: string, input: string): Json[] | undefined {
  const compiled = compileJq(program, { profile: "jq" });
  if (!compiled.ok) return undefined;
  const outputs: Json[] = [];
  try {
    for (const output of compiled.filter.iterate(parseJsonText(input))) outputs.push(output);
  } catch {
    // jq's runner compares the outputs before an error only
  }
  return outputs;
}

function passes({ program, input, outputs }: SuiteCase): boolean {
  const actual = run(program, input);
  if (outputs === undefined || actual === undefined) return outputs === undefined && actual === undefined;
  if (actual.length !== outputs.length) return false;
  return actual.every((value, index) => {
    const expected = parseJsonText(outputs[index] ?? "");
    return equalJson(value, expected) || toJsonText(value) === toJsonText(expected);
  });
}

describe.runIf(existsSync(FOLDER))("jq's own test files", () => {
  test("at least 98 % pass and every failure is a listed exception", () => {
    const cases = FILES.flatMap(readCases);
    const wanted = cases.filter(({ program }) => !needsOutside(program));
    const failed = wanted.filter((entry) => !passes(entry));
    const passed = wanted.length - failed.length;
    const share = ((100 * passed) / wanted.length).toFixed(2);
    const left = cases.length - wanted.length;
    process.stdout.write(`jq suite: ${passed} of ${wanted.length} cases pass (${share} %), ${left} left out\n`);
    expect(
      failed.filter(({ program }) => !EXCEPTIONS.has(program)).map(({ name, program }) => `${name} ${program}`),
    ).toEqual([]);
    expect(passed / wanted.length).toBeGreaterThanOrEqual(0.98);
    expect(left).toBeLessThanOrEqual(25);
  });
});

describe.runIf(!existsSync(FOLDER))("jq's own test files", () => {
  test("are not here", () => {
    process.stdout.write(`jq suite: skipped, ${FOLDER} does not exist\n`);
    expect(existsSync(FOLDER)).toBe(false);
  });
});
