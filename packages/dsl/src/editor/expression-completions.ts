import { type Json, property } from "../json.ts";
import { readDeclared } from "../validate/check-references.ts";
import type { Scope } from "../validate/findings.ts";
import type { Completion } from "./completion.ts";
import { JQ_FUNCTIONS } from "./jq-functions.ts";

/** Where an expression is written. */
export interface ExpressionPlace {
  readonly scope: Scope;
  readonly root: Json;
  /** True where it needs no `${ }`. */
  readonly isBare: boolean;
}

const VARIABLE_DOCS: Readonly<Record<string, string>> = {
  context: "What earlier tasks have exported.",
  input: "Input of the task.",
  output: "Output of the task.",
  secrets: "Secrets that use.secrets declares.",
  authorization: "How the call has signed in.",
  task: "The task itself: name, reference, definition, input, startedAt.",
  workflow: "The run: id, definition, input, startedAt.",
  runtime: "Who runs it: name, version, metadata.",
};

/** Variables and functions inside an expression; undefined outside of one. @param written what stands before the cursor */
export function expressionCompletions(written: string, place: ExpressionPlace): readonly Completion[] | undefined {
  const begin = written.lastIndexOf("${");
  const isInside = begin >= 0 && !written.slice(begin).includes("}");
  if (!isInside && !(place.isBare && begin < 0)) return undefined;
  const source = isInside ? written.slice(begin + 2) : written;
  const secret = /\$secrets\.(\w*)$/.exec(source)?.[1];
  if (secret !== undefined) return secretNames(place.root, secret.length);
  const word = /\$?\w*$/.exec(source)?.[0] ?? "";
  if (/\.$/.test(source.slice(0, source.length - word.length))) return [];
  return [...variables(place.scope, word.length), ...(word.startsWith("$") ? [] : functions(word.length))];
}

function variables({ standard, local }: Scope, replaces: number): readonly Completion[] {
  return [...new Set([...local, ...standard])].map((name) => ({
    label: `$${name}`,
    kind: "variable",
    doc: local.includes(name) ? "A variable of the tasks around." : (VARIABLE_DOCS[name] ?? ""),
    replaces,
  }));
}

function functions(replaces: number): readonly Completion[] {
  return JQ_FUNCTIONS.map(([label, doc]) => ({
    label,
    kind: "function",
    doc,
    insert: label.replace(/\(.*$/, "("),
    replaces,
  }));
}

function secretNames(root: Json, replaces: number): readonly Completion[] {
  const spec = property(root, "document") === undefined ? property(root, "spec") : root;
  return readDeclared(spec ?? root).secrets.map((label) => ({
    label,
    kind: "name",
    doc: "Declared in use.secrets.",
    replaces,
  }));
}
