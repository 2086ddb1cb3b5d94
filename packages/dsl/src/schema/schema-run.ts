import { isList, isObject, type Json, type JsonObject } from "../json.ts";
import { joinPointer } from "../text/pointers.ts";

/** Why a value does not match a schema. */
export interface SchemaProblem {
  /** JSON pointer into the value. */
  readonly pointer: string;
  /** Keyword that was not met; `budget` when the check used up its budget. */
  readonly keyword: string;
  readonly message: string;
}

/** Members and items that some keyword has looked at, for `unevaluatedProperties` and `unevaluatedItems`. */
export interface Seen {
  readonly members: Set<string>;
  readonly items: Set<number>;
}

/** Result of a silent check. */
interface Attempt {
  readonly problems: readonly SchemaProblem[];
  readonly seen: Seen | undefined;
}

/** Checks one keyword of a schema. */
export type Keyword = (argument: Json, value: Json, context: KeywordContext) => void;

/** Thrown when the budget is used up; caught by `validateSchema` only. */
export class SchemaBudgetError extends Error {
  override readonly name = "SchemaBudgetError";
}

/** A keyword of a schema with its argument. */
export interface PlannedKeyword {
  readonly keyword: string;
  readonly argument: Json;
  readonly check: Keyword;
}

/** Budgets and tables of one validation. */
export interface SchemaRun {
  /** The keywords that a schema has, in the order in which they are checked. */
  plan(schema: JsonObject): readonly PlannedKeyword[];
  resolve(reference: string): Json | undefined;
  /** Uses up steps of the budget. */
  spend(steps: number): void;
  /** True when some part of the schema asks what was seen. */
  readonly tracksSeen: boolean;
  depth: number;
}

const MAX_DEPTH = 150;

/** What a keyword works with: one schema applied to one value. */
export class KeywordContext {
  readonly schema: JsonObject;
  readonly pointer: string;
  readonly run: SchemaRun;
  /** Absent when nobody asks. */
  readonly seen: Seen | undefined;
  readonly #problems: SchemaProblem[];
  #keyword = "";

  constructor(schema: JsonObject, pointer: string, run: SchemaRun, problems: SchemaProblem[]) {
    this.schema = schema;
    this.pointer = pointer;
    this.run = run;
    this.seen = run.tracksSeen ? { members: new Set(), items: new Set() } : undefined;
    this.#problems = problems;
  }

  /** Checks one keyword after the other. */
  checkAll(value: Json): void {
    for (const { keyword, argument, check } of this.run.plan(this.schema)) {
      this.#keyword = keyword;
      check(argument, value, this);
    }
  }

  /** Reports that the value does not match. */
  fail(message: string): void {
    this.#problems.push({ pointer: this.pointer, keyword: this.#keyword, message });
  }

  /** Checks the same value or a part of it; problems are reported. */
  check(schema: Json, value: Json, pointer: string): Seen | undefined {
    return checkValue(schema, value, pointer, this.run, this.#problems);
  }

  /** Checks without reporting. */
  attempt(schema: Json, value: Json, pointer: string): Attempt {
    const problems: SchemaProblem[] = [];
    return { seen: checkValue(schema, value, pointer, this.run, problems), problems };
  }

  /** Notes that a member or item was looked at. */
  see(key: string | number): void {
    if (typeof key === "string") this.seen?.members.add(key);
    else this.seen?.items.add(key);
  }

  /** Takes over what another check has seen of the same value. */
  seeAll(source: Seen | undefined): void {
    if (this.seen === undefined || source === undefined) return;
    for (const member of source.members) this.seen.members.add(member);
    for (const item of source.items) this.seen.items.add(item);
  }
}

/** Checks a value against one schema and everything it refers to. */
export function checkValue(
  schema: Json,
  value: Json,
  pointer: string,
  run: SchemaRun,
  problems: SchemaProblem[],
): Seen | undefined {
  run.spend(1);
  if (schema === false) problems.push({ pointer, keyword: "false", message: "no value is allowed here" });
  if (!isObject(schema)) return undefined;
  if (++run.depth > MAX_DEPTH) throw new SchemaBudgetError(`schemas are nested deeper than ${MAX_DEPTH} levels`);
  const context = new KeywordContext(schema, pointer, run, problems);
  context.checkAll(value);
  run.depth--;
  return context.seen;
}

/** Pointer of a member or item below the context's value. */
export function below(context: KeywordContext, key: string | number): string {
  return joinPointer(context.pointer, key);
}

/** Subschemas of a keyword whose argument is a list; none when it is not. */
export function listOf(argument: Json): readonly Json[] {
  return isList(argument) ? argument : [];
}

/** Entries of a keyword whose argument is a map; none when it is not. */
export function entriesOf(argument: Json): readonly (readonly [string, Json])[] {
  return isObject(argument) ? Object.entries(argument) : [];
}
