import type { Json } from "@stigmer/dsl";

/** An expectation that does not hold. */
export interface Mismatch {
  /** Of the expectation in the test file. */
  readonly pointer: string;
  /** What is wrong, as a sentence without a full stop. */
  readonly message: string;
  /** Two values to compare line by line. */
  readonly compare?: { readonly expected: Json; readonly actual: Json };
}
