import type { Diagnostic, Json, Manifest, SourceMap, TestSpec, WorkflowTestFile } from "@stigmer/dsl";

/** One document that tests run or call, with its places. */
export interface LoadedDocument {
  readonly fileName: string;
  readonly manifest: Manifest;
  readonly sourceMap: SourceMap;
}

/** A test file with everything that it runs. */
export interface LoadedTestFile {
  readonly fileName: string;
  readonly file: WorkflowTestFile;
  readonly sourceMap: SourceMap;
  readonly main: Extract<Manifest, { kind: "Workflow" | "Agent" }>;
  /** All documents, the main one among them. */
  readonly documents: readonly LoadedDocument[];
  /** Every file that a result depends on, for watching. */
  readonly watched: readonly string[];
}

/** A test, with its place in its file. */
export interface LoadedTest {
  readonly of: LoadedTestFile;
  readonly spec: TestSpec;
  /** Such as `/tests/0`. */
  readonly pointer: string;
  readonly input: Json;
}

/** Why a test file cannot be run: problems by file. */
export interface InvalidTestFile {
  readonly fileName: string;
  readonly problems: readonly { readonly fileName: string; readonly diagnostics: readonly Diagnostic[] }[];
  readonly watched: readonly string[];
}
