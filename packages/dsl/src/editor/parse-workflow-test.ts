import { isList, type Json, property } from "../json.ts";
import { type Diagnostic, hasErrors, limitDiagnostics, sortDiagnostics } from "../text/diagnostic.ts";
import { parseText } from "../text/parse-text.ts";
import type { SourceMap } from "../text/source-map.ts";
import type { Finding } from "../validate/findings.ts";
import { toDiagnostic, walkOf } from "../validate/validate-document.ts";
import type { WorkflowTestFile } from "./workflow-test.ts";
import { WORKFLOW_TEST } from "./workflow-test-shape.ts";

/** A test file that can be run, or why it cannot. */
export interface ParsedWorkflowTest {
  /** Only when there is no error. */
  readonly file?: WorkflowTestFile;
  readonly diagnostics: readonly Diagnostic[];
  readonly sourceMap: SourceMap;
}

/** Reads a test file in YAML or JSON and checks all of it. */
export function parseWorkflowTest(text: string): ParsedWorkflowTest {
  const { value, diagnostics: problems, sourceMap } = parseText(text);
  const findings = value === undefined ? [] : [...walkOf(WORKFLOW_TEST, value).findings, ...findEqualNames(value)];
  const found = findings.map((finding) => toDiagnostic(finding, sourceMap));
  const diagnostics = limitDiagnostics(sortDiagnostics([...problems, ...found]));
  if (value === undefined || hasErrors(diagnostics)) return { diagnostics, sourceMap };
  // Validation is the border: from here on the data is known to have the structure of a test file.
  return { file: value as unknown as WorkflowTestFile, diagnostics, sourceMap };
}

/** Snapshots and reports name tests: two of one name cannot be told apart. */
function findEqualNames(value: Json): readonly Finding[] {
  const tests = property(value, "tests");
  if (!isList(tests)) return [];
  const names = tests.map((test) => property(test, "name"));
  return names.flatMap((name, index): readonly Finding[] =>
    typeof name !== "string" || names.indexOf(name) === index
      ? []
      : [
          {
            code: "duplicate-name",
            severity: "error",
            pointer: `/tests/${index}/name`,
            at: "value",
            message: `Another test is called "${name}" already`,
            suggestion: "Give it a name of its own.",
          },
        ],
  );
}
