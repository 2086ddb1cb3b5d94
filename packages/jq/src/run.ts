import { JqLimitError, type JqLimitKind } from "./errors.ts";
import type { Json, Meter } from "./json.ts";

/**
 * Budgets of one run; every one ends the run with a {@link JqLimitError}.
 */
export interface JqLimits {
  /** Units of work; default 10,000,000, roughly a second. */
  readonly maxSteps?: number;
  /** Outputs of the filter; default 1,000,000. */
  readonly maxOutputs?: number;
  /** UTF-16 units of any one string; default 16,777,216. */
  readonly maxStringLength?: number;
  /** Nested calls of functions; default 2,000. */
  readonly maxDepth?: number;
  /** Items of any one array and values in any one output; default 4,000,000. */
  readonly maxSizeItems?: number;
  /** Asked every few thousand steps; `true` ends the run with limit "time". */
  readonly deadline?: () => boolean;
}

/** What a run may know of the world outside. */
export interface World {
  readonly now: () => number;
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: Iterator<Json> | undefined;
  readonly onDebug: (message: Json) => void;
  readonly onStderr: (message: Json) => void;
}

const SLICE_STEPS = 4096;

/** State of one run of a filter: budgets, variables from outside, and the label that is being left. */
export class Run implements Meter {
  readonly globals: readonly Json[];
  readonly world: World;
  readonly maxStringLength: number;
  readonly maxSizeItems: number;
  readonly maxOutputs: number;
  readonly maxDepth: number;
  readonly #deadline: (() => boolean) | undefined;
  /** Label that a `break` is looking for; set while emits return true. */
  breaking: object | undefined = undefined;
  /** Nesting of function calls. */
  depth = 0;
  /** Offset of the operation that ran last, for positions of errors. */
  at = 0;
  /** Steps until the budgets are looked at again. */
  #slice: number;
  #left: number;

  constructor(limits: JqLimits, globals: readonly Json[], world: World) {
    this.globals = globals;
    this.world = world;
    this.maxStringLength = limits.maxStringLength ?? 16_777_216;
    this.maxSizeItems = limits.maxSizeItems ?? 4_000_000;
    this.maxOutputs = limits.maxOutputs ?? 1_000_000;
    this.maxDepth = limits.maxDepth ?? 2_000;
    this.#deadline = limits.deadline;
    this.#left = limits.maxSteps ?? 10_000_000;
    this.#slice = Math.min(SLICE_STEPS, this.#left);
    this.#left -= this.#slice;
  }

  /** Uses up steps. */
  tick(cost: number): void {
    this.#slice -= cost;
    if (this.#slice < 0) this.#refill();
  }

  #refill(): void {
    if (this.#left + this.#slice < 0) this.exceed("steps", "The filter used up its budget of steps");
    if (this.#deadline?.() === true) this.exceed("time", "The filter used up its time");
    const next = Math.min(SLICE_STEPS, this.#left + this.#slice);
    this.#left += this.#slice - next;
    this.#slice = next;
  }

  /** Steps that are left, for engines with a budget of their own. */
  get stepsLeft(): number {
    return this.#left + this.#slice;
  }

  enter(): void {
    if (--this.#slice < 0) this.#refill();
    if (++this.depth > this.maxDepth)
      this.exceed("depth", `Functions are nested more than ${this.maxDepth} calls deep`);
  }

  checkText(length: number): void {
    if (length > this.maxStringLength) {
      this.exceed("string-length", `A string would be longer than ${this.maxStringLength} units`);
    }
  }

  checkItems(count: number): void {
    if (count > this.maxSizeItems) this.exceed("size", `An array would have more than ${this.maxSizeItems} items`);
  }

  exceed(limit: JqLimitKind, message: string): never {
    throw new JqLimitError(limit, message);
  }
}
