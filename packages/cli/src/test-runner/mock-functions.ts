import type { Manifest, MockSpec, Task, WorkflowDocument } from "@stigmer/dsl";
import { FUNCTION_SCHEME } from "./work.ts";

/**
 * Puts a call that only a mock can answer in the place of every mocked function, wherever the function is defined: in
 * the document, in a catalog, or behind an address.
 */
export function withMockedFunctions(manifest: Manifest, mocks: readonly MockSpec[]): Manifest {
  const names = mocks.flatMap(({ function: name }) => (name === undefined ? [] : [name]));
  if (manifest.kind !== "Workflow" || names.length === 0) return manifest;
  const functions = { ...manifest.document.use?.functions, ...Object.fromEntries(names.map(standIn)) };
  const document: WorkflowDocument = { ...manifest.document, use: { ...manifest.document.use, functions } };
  return { ...manifest, document, spec: document };
}

function standIn(name: string): readonly [string, Task] {
  const endpoint = `${FUNCTION_SCHEME}${encodeURIComponent(name)}`;
  return [name, { call: "http", with: { method: "post", endpoint, body: "${ . }" } }];
}
