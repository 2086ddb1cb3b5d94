/** One finding of the doctor. */
export interface Check {
  readonly name: string;
  readonly result: "ok" | "warning" | "failed";
  readonly detail: string;
  readonly next?: string;
}
