import { fileURLToPath } from "node:url";
import { type Diagnostic, parseWorkflowTest } from "@stigmer/dsl";
import { loadTestFile } from "../test-runner/load-test-file.ts";
import { tasksOf } from "../test-runner/task-tree.ts";
import type { OpenDocument } from "./open-documents.ts";

/** Problems of a test file, those of names that its workflow does not have among them. */
export function testFileProblems({ uri, text }: OpenDocument): readonly Diagnostic[] {
  const { diagnostics } = parseWorkflowTest(text);
  const fileName = pathOf(uri);
  if (fileName === undefined || diagnostics.length > 0) return diagnostics;
  const loaded = loadTestFile(fileName, text);
  if (!("problems" in loaded)) return [];
  return loaded.problems.flatMap((one) => (one.fileName === fileName ? one.diagnostics : []));
}

/** Names of the tasks that a half written test file can mean. */
export function testedTasks({ uri, text }: OpenDocument): readonly string[] {
  const workflow = /^["']?workflow["']?\s*:\s*["']?([^"'\s#]+)/m.exec(text)?.[1];
  const fileName = pathOf(uri);
  if (workflow === undefined || fileName === undefined) return [];
  const loaded = loadTestFile(fileName, JSON.stringify({ workflow, tests: [{ name: "any" }] }));
  if ("problems" in loaded) return [];
  const names = loaded.documents.flatMap(({ manifest }) =>
    manifest.kind === "Workflow" ? tasksOf(manifest.document).map(({ name }) => name) : [],
  );
  return [...new Set(names)];
}

function pathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
