import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { countTests } from "./test-counts.ts";

const folder = mkdtempSync(join(tmpdir(), "stigmer-counts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numbers = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0 };
const fileOf = (status: string, tests: readonly string[]) => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

describe("countTests()", () => {
  test.each([
    { why: "all well", report: { ...numbers, testResults: [fileOf("passed", ["passed"])] }, isOk: true, failed: 0 },
    {
      why: "a failed test",
      report: { ...numbers, numFailedTests: 2, testResults: [fileOf("failed", ["failed", "failed"])] },
      isOk: false,
      failed: 2,
    },
    {
      why: "a file that does not load",
      report: { ...numbers, testResults: [fileOf("failed", [])] },
      isOk: false,
      failed: 1,
    },
    { why: "an error outside of tests", report: { ...numbers, testResults: [] }, isOk: false, failed: 1 },
  ])("$why", ({ report, isOk, failed }) => {
    const file = join(folder, "report.json");
    writeFileSync(file, JSON.stringify(report));
    expect(countTests(file, isOk)).toEqual({ passed: 5, failed, skipped: 1 });
  });
});
