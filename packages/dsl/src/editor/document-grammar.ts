import { RESOURCE_ENVELOPE } from "../grammar/resource-shapes.ts";
import type { Shape } from "../grammar/shape.ts";
import { WORKFLOW } from "../grammar/workflow-shape.ts";
import { type Json, property } from "../json.ts";
import { WORKFLOW_TEST } from "./workflow-test-shape.ts";

/** What kind of text an editor has open: a definition, or a test file. */
export type EditedKind = "definition" | "test";

/** The shape of a whole document, from what it says about itself so far. */
export function grammarOf(value: Json, kind: EditedKind): Shape {
  if (kind === "test") return WORKFLOW_TEST;
  const isEnvelope = property(value, "kind") !== undefined || property(value, "apiVersion") !== undefined;
  return isEnvelope && property(value, "document") === undefined ? RESOURCE_ENVELOPE : WORKFLOW;
}

/** The shape of what stands in an envelope's `spec` where another grammar takes over. */
export function specGrammar(root: Json, path: readonly string[]): Shape | undefined {
  const isSpec = path.length === 1 && path[0] === "spec";
  return isSpec && property(root, "kind") === "Workflow" ? WORKFLOW : undefined;
}
