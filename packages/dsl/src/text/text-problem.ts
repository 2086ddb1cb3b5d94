/** A problem before its place is looked up. */
export interface TextProblem {
  readonly code: string;
  readonly offset: number;
  readonly pointer: string;
  readonly message: string;
  readonly suggestion?: string;
  /** Default `error`. */
  readonly severity?: "error" | "warning";
}
