import { readFileSync } from "node:fs";

/** How the tests of one run ended. A file that could not be loaded counts as one failed test. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Reads a JSON report of vitest.
 *
 * @param isOk whether vitest itself was content: an error outside of all tests then counts as one failed test
 */
export function countTests(file: string, isOk: boolean): TestCounts {
  const report: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isRecord(report)) throw new Error(`Cannot read ${file}: it is not a report of vitest`);
  const failed = numberOf(report.numFailedTests) + countUnloadedFiles(report.testResults);
  return {
    passed: numberOf(report.numPassedTests),
    failed: failed === 0 && !isOk ? 1 : failed,
    skipped: numberOf(report.numPendingTests) + numberOf(report.numTodoTests),
  };
}

function countUnloadedFiles(results: unknown): number {
  if (!Array.isArray(results)) return 0;
  return results.filter(
    (result) =>
      isRecord(result) &&
      result.status === "failed" &&
      Array.isArray(result.assertionResults) &&
      !result.assertionResults.some((test) => isRecord(test) && test.status === "failed"),
  ).length;
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
