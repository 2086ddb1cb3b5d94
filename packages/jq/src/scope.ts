import type { Ast, FunctionDefinition } from "./ast.ts";
import type { Code } from "./code.ts";
import { type Finding, SyntaxFinding } from "./diagnostics.ts";

/** Which parts of jq a filter may use. */
export type JqProfile = "workflow" | "jq";

/** A function with its place of definition and its compiled bodies, made when first called. */
export interface FunctionEntry {
  readonly definition: FunctionDefinition;
  readonly scope: Scope;
  /** Body for arguments of any kind, and for arguments of at most one output each. */
  readonly bodies: { many?: Body; single?: Body };
}

/** A compiled function body; `code` is set once it is compiled, calls inside it may come before. */
export interface Body {
  code: Code | undefined;
  /** Assumed or known to have at most one output. */
  single: boolean;
  called: boolean;
}

/** A name that a filter can see, and how far out its value stands at run time. */
export type ScopeEntry =
  | { readonly kind: "variable"; readonly name: string; readonly depth: number }
  | { readonly kind: "label"; readonly name: string; readonly depth: number }
  | { readonly kind: "parameter"; readonly name: string; readonly depth: number; readonly single: boolean }
  | { readonly kind: "function"; readonly name: string; readonly function: FunctionEntry };

/** Names in sight, innermost first. */
export class Scope {
  readonly entry: ScopeEntry | undefined;
  readonly up: Scope | undefined;
  /** Number of run-time places at this point. */
  readonly depth: number;

  constructor(entry: ScopeEntry | undefined, up: Scope | undefined, depth: number) {
    this.entry = entry;
    this.up = up;
    this.depth = depth;
  }

  bindVariable(name: string): Scope {
    return new Scope({ kind: "variable", name, depth: this.depth + 1 }, this, this.depth + 1);
  }

  bindLabel(name: string): Scope {
    return new Scope({ kind: "label", name, depth: this.depth + 1 }, this, this.depth + 1);
  }

  bindParameter(name: string, single: boolean): Scope {
    return new Scope({ kind: "parameter", name, depth: this.depth + 1, single }, this, this.depth + 1);
  }

  /** Adds a function that can see itself. */
  define(definition: FunctionDefinition): Scope {
    const scope: Scope = new Scope(
      {
        kind: "function",
        name: definition.name,
        get function() {
          return entry;
        },
      },
      this,
      this.depth,
    );
    const entry: FunctionEntry = { definition, scope, bodies: {} };
    return scope;
  }

  findVariable(name: string): number | undefined {
    for (let at: Scope | undefined = this; at !== undefined; at = at.up) {
      if (at.entry?.kind === "variable" && at.entry.name === name) return this.depth - at.entry.depth;
    }
    return undefined;
  }

  findLabel(name: string): number | undefined {
    for (let at: Scope | undefined = this; at !== undefined; at = at.up) {
      if (at.entry?.kind === "label" && at.entry.name === name) return this.depth - at.entry.depth;
    }
    return undefined;
  }

  findFunction(name: string, arity: number): ScopeEntry | undefined {
    for (let at: Scope | undefined = this; at !== undefined; at = at.up) {
      const { entry } = at;
      if (entry?.kind === "parameter" && arity === 0 && entry.name === name) return entry;
      if (entry?.kind !== "function" || entry.name !== name) continue;
      if (entry.function.definition.parameters.length === arity) return entry;
    }
    return undefined;
  }

  /** Names of the kind in sight, for suggestions. */
  *names(kind: "variable" | "label" | "function"): Generator<string> {
    for (let at: Scope | undefined = this; at !== undefined; at = at.up) {
      if (at.entry === undefined) continue;
      if (at.entry.kind === kind || (kind === "function" && at.entry.kind === "parameter")) yield at.entry.name;
    }
  }
}

/** The scope that sees built-ins only. */
export const EMPTY_SCOPE: Scope = new Scope(undefined, undefined, 0);

const MAX_NODES = 200_000;

/** What the compilation of one filter collects. */
export class Compilation {
  readonly profile: JqProfile;
  /** Place of each variable from outside. */
  readonly globals: ReadonlyMap<string, number>;
  readonly usedVariables = new Set<string>();
  readonly findings: Finding[] = [];
  readonly #reported = new Set<string>();
  #nodes = 0;

  constructor(profile: JqProfile, variables: readonly string[]) {
    this.profile = profile;
    this.globals = new Map(variables.map((name, index) => [name, index]));
  }

  /** Notes a problem once per place. */
  report(finding: Finding): void {
    const key = `${finding.span.start}:${finding.message}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.findings.push(finding);
  }

  countNode(ast: Ast): void {
    if (++this.#nodes <= MAX_NODES) return;
    throw new SyntaxFinding({ code: "too-complex", message: "The filter is too large", span: ast.span });
  }
}
