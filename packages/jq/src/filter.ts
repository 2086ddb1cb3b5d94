import type { Code } from "./code.ts";
import { compileAst } from "./compile.ts";
import { type JqDiagnostic, positionAt, SyntaxFinding, toDiagnostic } from "./diagnostics.ts";
import { JqError, JqLimitError, Raise } from "./errors.ts";
import { isArray, isObject, type Json } from "./json.ts";
import { LruCache } from "./lru-cache.ts";
import { Halt } from "./natives-world.ts";
import { parseFilter } from "./parser.ts";
import { type JqLimits, Run, type World } from "./run.ts";
import { Compilation, EMPTY_SCOPE, type JqProfile } from "./scope.ts";

/** How a filter is compiled. */
export interface CompileOptions {
  /** Default "jq", the complete language. */
  readonly profile?: JqProfile;
  /** Names of variables from outside, without "$"; every other free variable is a diagnostic. Default none. */
  readonly variables?: readonly string[];
}

/** What one run of a filter gets. */
export interface RunOptions {
  /** Values of variables by name without "$"; a declared variable without a value is null. */
  readonly variables?: Readonly<Record<string, Json>>;
  readonly limits?: JqLimits;
  /** Seconds since 1970 for `now`; without it profile "workflow" fails and profile "jq" asks the host. */
  readonly now?: () => number;
  /** What `env` and `$ENV` show in profile "jq"; default empty. */
  readonly env?: Readonly<Record<string, string>>;
  /** What `input` and `inputs` read in profile "jq"; default nothing. */
  readonly inputs?: Iterator<Json>;
  /** Receives values of `debug` in profile "jq"; default ignored. */
  readonly onDebug?: (message: Json) => void;
  /** Receives values of `stderr` in profile "jq"; default ignored. */
  readonly onStderr?: (message: Json) => void;
}

/** A compiled filter; immutable, it can run any number of times. */
export interface JqFilter {
  readonly source: string;
  /** Names of the variables from outside that the filter reads, without "$". */
  readonly usedVariables: ReadonlySet<string>;
  /**
   * All outputs.
   *
   * @throws {JqError} when the filter fails
   * @throws {JqLimitError} when a budget ends
   */
  run(input: Json, options?: RunOptions): Json[];
  /** First output or undefined; stops there. Throws as {@link JqFilter.run}. */
  first(input: Json, options?: RunOptions): Json | undefined;
  /** All outputs one by one; they are made at the first step, and an error comes after the outputs before it. */
  iterate(input: Json, options?: RunOptions): IterableIterator<Json>;
}

/** A filter, or every problem of its text. */
export type CompileResult =
  | { readonly ok: true; readonly filter: JqFilter }
  | { readonly ok: false; readonly diagnostics: readonly JqDiagnostic[] };

const CACHE = new LruCache<string, CompileResult>(2_000, 4_000_000);

/**
 * Compiles a filter; results are cached by source and options in a bounded cache.
 */
export function compileJq(source: string, options: CompileOptions = {}): CompileResult {
  const profile = options.profile ?? "jq";
  const variables = options.variables ?? [];
  const key = `${profile}\n${variables.join(",")}\n${source}`;
  const known = CACHE.get(key);
  if (known !== undefined) return known;
  const result = compileFresh(source, profile, variables);
  CACHE.set(key, result, key.length);
  return result;
}

function compileFresh(source: string, profile: JqProfile, variables: readonly string[]): CompileResult {
  const to = new Compilation(profile, variables);
  try {
    const code = compileAst(parseFilter(source), EMPTY_SCOPE, to);
    if (to.findings.length === 0) {
      return { ok: true, filter: new Filter({ source, code, profile, variables, usedVariables: to.usedVariables }) };
    }
  } catch (error) {
    if (error instanceof SyntaxFinding) to.findings.push(error.finding);
    else if (error instanceof RangeError) {
      const span = { start: 0, end: source.length };
      to.findings.push({ code: "too-complex", message: "The filter is nested too deeply", span });
    } else throw error;
  }
  const sorted = to.findings.toSorted((a, b) => a.span.start - b.span.start);
  return { ok: false, diagnostics: sorted.map((finding) => toDiagnostic(source, finding)) };
}

interface FilterParts {
  readonly source: string;
  readonly code: Code;
  readonly profile: JqProfile;
  readonly variables: readonly string[];
  readonly usedVariables: ReadonlySet<string>;
}

class Filter implements JqFilter {
  readonly source: string;
  readonly usedVariables: ReadonlySet<string>;
  readonly #parts: FilterParts;

  constructor(parts: FilterParts) {
    this.source = parts.source;
    this.usedVariables = parts.usedVariables;
    this.#parts = parts;
  }

  run(input: Json, options: RunOptions = {}): Json[] {
    const outputs: Json[] = [];
    this.#drive(input, options, (value) => {
      outputs.push(value);
      return false;
    });
    return outputs;
  }

  first(input: Json, options: RunOptions = {}): Json | undefined {
    let first: Json | undefined;
    this.#drive(input, options, (value) => {
      first = value;
      return true;
    });
    return first;
  }

  *iterate(input: Json, options: RunOptions = {}): IterableIterator<Json> {
    const outputs: Json[] = [];
    let failure: unknown;
    try {
      this.#drive(input, options, (value) => {
        outputs.push(value);
        return false;
      });
    } catch (error) {
      failure = error;
    }
    yield* outputs;
    if (failure !== undefined) throw failure;
  }

  #drive(input: Json, options: RunOptions, take: (value: Json) => boolean): void {
    const { code, variables, profile } = this.#parts;
    const given = options.variables ?? {};
    const globals = variables.map((name) => (Object.hasOwn(given, name) ? (given[name] ?? null) : null));
    const run = new Run(options.limits ?? {}, globals, worldOf(options, profile));
    let count = 0;
    const accept = (value: Json): boolean => {
      if (++count > run.maxOutputs) run.exceed("outputs", `The filter has more than ${run.maxOutputs} outputs`);
      if (typeof value === "object" && value !== null && value !== input) checkSize(run, value);
      return take(value);
    };
    try {
      if (code.one === undefined) code.each(run, undefined, input, accept);
      else {
        const value = code.one(run, undefined, input);
        if (value !== undefined) accept(value);
      }
    } catch (error) {
      throw this.#convert(error, run);
    }
  }

  #convert(error: unknown, run: Run): unknown {
    if (error instanceof Raise) return new JqError(error.value, positionAt(this.source, run.at));
    if (error instanceof Halt) return new JqError(error.value);
    if (error instanceof RangeError) return new JqLimitError("depth", "The filter or its data is nested too deeply");
    return error;
  }
}

/** Counts the values of an output as a tree, so that shared parts cannot explode in whoever prints it. */
function checkSize(run: Run, root: Json): void {
  const stack: Json[] = [root];
  let count = 0;
  while (stack.length > 0) {
    const value = stack.pop() ?? null;
    if (++count > run.maxSizeItems) run.exceed("size", `An output has more than ${run.maxSizeItems} values`);
    if (isArray(value)) for (const item of value) stack.push(item);
    else if (isObject(value)) for (const key of Object.keys(value)) stack.push(value[key]!);
  }
}

function worldOf(options: RunOptions, profile: JqProfile): World {
  const ignore = (): void => undefined;
  return {
    now: options.now ?? (profile === "jq" ? () => Date.now() / 1000 : refuseNow),
    env: options.env ?? {},
    inputs: options.inputs,
    onDebug: options.onDebug ?? ignore,
    onStderr: options.onStderr ?? ignore,
  };
}

function refuseNow(): never {
  throw new Raise("now is not available here: the run was given no clock");
}
