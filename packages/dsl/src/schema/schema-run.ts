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

/** What a keyword works with. */
export interface KeywordContext {
  /** The schema object the keyword stands in. */
  readonly schema: JsonObject;
  readonly pointer: string;
  readonly seen: Seen;
  readonly run: SchemaRun;
  /** Reports that the value does not match. */
  fail(message: string): void;
  /** Checks the same value or a part of it; problems are reported. */
  check(schema: Json, value: Json, pointer: string): Seen;
  /** Checks without reporting. */
  attempt(schema: Json, value: Json, pointer: string): Attempt;
}

/** Result of a silent check. */
interface Attempt {
  readonly problems: readonly SchemaProblem[];
  readonly seen: Seen;
}

/** Checks one keyword of a schema. */
export type Keyword = (argument: Json, value: Json, context: KeywordContext) => void;

/** Thrown when the budget is used up; caught by `validateSchema` only. */
export class SchemaBudgetError extends Error {
  override readonly name = "SchemaBudgetError";
}

/** Budgets and tables of one validation. */
export interface SchemaRun {
  readonly keywords: ReadonlyMap<string, Keyword>;
  resolve(reference: string): Json | undefined;
  /** Uses up steps of the budget. */
  spend(steps: number): void;
  depth: number;
}

const MAX_DEPTH = 150;

/** Checks a value against one schema and everything it refers to. */
export function checkValue(
  schema: Json,
  value: Json,
  pointer: string,
  run: SchemaRun,
  problems: SchemaProblem[],
): Seen {
  const seen: Seen = { members: new Set(), items: new Set() };
  run.spend(1);
  if (schema === false) problems.push({ pointer, keyword: "false", message: "no value is allowed here" });
  if (!isObject(schema)) return seen;
  if (++run.depth > MAX_DEPTH) throw new SchemaBudgetError(`schemas are nested deeper than ${MAX_DEPTH} levels`);
  for (const [keyword, check] of run.keywords) {
    const argument = schema[keyword];
    if (argument === undefined || !Object.hasOwn(schema, keyword)) continue;
    check(argument, value, createContext(keyword, schema, pointer, run, problems, seen));
  }
  run.depth--;
  return seen;
}

function createContext(
  keyword: string,
  schema: JsonObject,
  pointer: string,
  run: SchemaRun,
  problems: SchemaProblem[],
  seen: Seen,
): KeywordContext {
  return {
    schema,
    pointer,
    seen,
    run,
    fail: (message) => problems.push({ pointer, keyword, message }),
    check: (sub, value, at) => checkValue(sub, value, at, run, problems),
    attempt: (sub, value, at) => {
      const own: SchemaProblem[] = [];
      return { seen: checkValue(sub, value, at, run, own), problems: own };
    },
  };
}

/** Adds what another check has seen of the same value. */
export function addSeen(target: Seen, source: Seen): void {
  for (const member of source.members) target.members.add(member);
  for (const item of source.items) target.items.add(item);
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
