import type { Json } from "@stigmer/dsl";
import type { RunReport } from "@stigmer/interpreter";

/** A document to run to its end. */
export interface DocumentRun {
  /** As text, in YAML or JSON. */
  readonly definition: string;
  readonly input?: Json;
  /** Origins of addresses to replace. */
  readonly rewrite: readonly { readonly from: string; readonly to: string }[];
}

/** Why a document was not run. */
export interface Refusal {
  readonly status: "invalid";
  readonly diagnostics: readonly { readonly code: string; readonly line: number }[];
}

/** Runs a document on one host of the product, or says why it is refused. */
export type RunDocument = (run: DocumentRun) => Promise<RunReport | Refusal>;
