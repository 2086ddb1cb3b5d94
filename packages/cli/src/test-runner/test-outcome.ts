import type { DocumentCoverage } from "./coverage.ts";
import type { InvalidTestFile } from "./loaded-test-file.ts";
import type { ShownLine } from "./show-difference.ts";

/** Why a test failed, with its place. */
export interface TestFailure {
  /** `file:line:column` of the expectation. */
  readonly place: string;
  readonly message: string;
  readonly difference: readonly ShownLine[];
}

/** How a test ended; without failures it passed. */
export interface TestOutcome {
  readonly fileName: string;
  readonly name: string;
  /** Real time. */
  readonly tookMs: number;
  readonly failures: readonly TestFailure[];
}

/** How all tests of a call ended. */
export interface TestSummary {
  readonly outcomes: readonly TestOutcome[];
  readonly invalid: readonly InvalidTestFile[];
  /** Every file that the results depend on. */
  readonly watched: readonly string[];
  /** Absent when nobody asked for it. */
  readonly coverage?: readonly DocumentCoverage[];
}

/** Says how tests went. */
export interface Reporter {
  /** A test has ended. */
  onOutcome(outcome: TestOutcome): void;
  /** All have. */
  onEnd(summary: TestSummary): void;
}
