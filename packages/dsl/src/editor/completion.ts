/** Something that can be written at a place. */
export interface Completion {
  readonly label: string;
  readonly kind: "field" | "value" | "task" | "name" | "variable" | "function";
  /** One sentence about it, or more. */
  readonly doc?: string;
  /** What is written; the label when absent. */
  readonly insert?: string;
  /** How much of what stands before the cursor it replaces, UTF-16 units. */
  readonly replaces: number;
}
