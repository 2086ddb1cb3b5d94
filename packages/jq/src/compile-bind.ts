import { accessValue } from "./access.ts";
import type { Ast, Pattern } from "./ast.ts";
import { type Code, codeOfEach, codeOfOne, Env, type Paths } from "./code.ts";
import type { AstOf, Compile } from "./compiler.ts";
import { Raise } from "./errors.ts";
import type { Json } from "./json.ts";
import type { Run } from "./run.ts";
import type { Compilation, Scope } from "./scope.ts";

/** Continues with the variables of a pattern bound; true asks to stop. */
export type Bound = (env: Env | undefined) => boolean;

/** Compiled patterns of one `as`. */
export interface Binder {
  /** The scope inside, with every variable of every alternative. */
  readonly scope: Scope;
  /** Binds a value, once per combination of outputs of key expressions, with the next alternative after an error. */
  readonly bind: (run: Run, env: Env | undefined, input: Json, value: Json, next: Bound) => boolean;
  /** True for a single plain variable. */
  readonly plain: boolean;
}

/** `source as pattern | body` */
export function compileBind(compile: Compile, ast: AstOf<"bind">, scope: Scope, to: Compilation): Code {
  const source = compile(ast.source, scope, to);
  const binder = compilePatterns(compile, ast.patterns, scope, to);
  const body = compile(ast.body, binder.scope, to);
  const paths: Paths = (run, env, path, input, emit) =>
    source.each(run, env, input, (value) =>
      binder.bind(run, env, input, value, (inner) => body.paths(run, inner, path, input, emit)),
    );
  const { one: sourceOne } = source;
  const { one: bodyOne } = body;
  if (!binder.plain) {
    return codeOfEach(
      (run, env, input, emit) =>
        source.each(run, env, input, (value) =>
          binder.bind(run, env, input, value, (inner) => body.each(run, inner, input, emit)),
        ),
      paths,
    );
  }
  if (sourceOne === undefined || bodyOne === undefined) {
    return codeOfEach(
      (run, env, input, emit) =>
        source.each(run, env, input, (value) => body.each(run, new Env(value, undefined, env), input, emit)),
      paths,
    );
  }
  const code = codeOfOne((run, env, input) => {
    const value = sourceOne(run, env, input);
    return value === undefined ? undefined : bodyOne(run, new Env(value, undefined, env), input);
  }, paths);
  const { tail } = body;
  if (tail === undefined) return code;
  return {
    ...code,
    tail: (run, env, input) => {
      const value = sourceOne(run, env, input);
      return value === undefined ? undefined : tail(run, new Env(value, undefined, env), input);
    },
  };
}

/** Compiles what stands after `as`. */
export function compilePatterns(compile: Compile, patterns: readonly Pattern[], scope: Scope, to: Compilation): Binder {
  const [first] = patterns;
  if (patterns.length === 1 && first?.kind === "variable") {
    return {
      scope: scope.bindVariable(first.name),
      bind: (_run, env, _input, value, next) => next(new Env(value, undefined, env)),
      plain: true,
    };
  }
  const names = [...new Set(patterns.flatMap(namesOf))];
  let inner = scope;
  for (const name of names) inner = inner.bindVariable(name);
  const matchers = patterns.map((pattern) =>
    compileMatcher(pattern, { names: [...names], key: (key) => compile(key, scope, to) }),
  );
  return { scope: inner, bind: bindAlternatives(matchers, names.length), plain: false };
}

function bindAlternatives(matchers: readonly Matcher[], size: number): Binder["bind"] {
  return (run, env, input, value, next) => {
    for (const [index, match] of matchers.entries()) {
      const slots = new Array<Json>(size).fill(null);
      const { depth } = run;
      try {
        return match(run, env, input, value, slots, () => {
          let inner = env;
          for (const slot of slots) inner = new Env(slot, undefined, inner);
          return next(inner);
        });
      } catch (error) {
        if (!(error instanceof Raise) || index === matchers.length - 1) throw error;
        run.depth = depth;
      }
    }
    return false;
  };
}

function namesOf(pattern: Pattern): string[] {
  switch (pattern.kind) {
    case "variable":
      return [pattern.name];
    case "array":
      return pattern.items.flatMap(namesOf);
    case "object":
      return pattern.entries.flatMap(({ variable, value }) => [
        ...(variable === undefined ? [] : [variable]),
        ...(value === undefined ? [] : namesOf(value)),
      ]);
  }
}

type Matcher = (
  run: Run,
  env: Env | undefined,
  input: Json,
  value: Json,
  slots: Json[],
  next: () => boolean,
) => boolean;

interface MatcherScope {
  /** Names by slot; a name is taken out when a part of the pattern has claimed its slot. */
  readonly names: (string | undefined)[];
  readonly key: (key: Ast) => Code;
}

/** The first evaluated variable of a name keeps it. */
function claimSlot(scope: MatcherScope, name: string | undefined): number {
  const slot = name === undefined ? -1 : scope.names.indexOf(name);
  if (slot >= 0) scope.names[slot] = undefined;
  return slot;
}

/** Arrays are matched from their last item on, objects from their first key on, as in jq. */
function compileMatcher(pattern: Pattern, scope: MatcherScope): Matcher {
  switch (pattern.kind) {
    case "variable": {
      const slot = claimSlot(scope, pattern.name);
      return (_run, _env, _input, value, slots, next) => {
        if (slot >= 0) slots[slot] = value;
        return next();
      };
    }
    case "array":
      return chain(
        [...pattern.items.entries()].reverse().map(([index, item]) => matchItem(index, compileMatcher(item, scope))),
      );
    case "object":
      return chain(
        pattern.entries.map(({ variable, key, value }) => {
          const slot = claimSlot(scope, variable);
          return matchKey(scope.key(key), slot, value === undefined ? undefined : compileMatcher(value, scope));
        }),
      );
  }
}

function chain(matchers: readonly Matcher[]): Matcher {
  return (run, env, input, value, slots, next) => {
    const step = (index: number): boolean => {
      const match = matchers[index];
      return match === undefined ? next() : match(run, env, input, value, slots, () => step(index + 1));
    };
    return step(0);
  };
}

function matchItem(index: number, inner: Matcher): Matcher {
  return (run, env, input, value, slots, next) => inner(run, env, input, accessValue(run, value, index), slots, next);
}

function matchKey(key: Code, slot: number, inner: Matcher | undefined): Matcher {
  return (run, env, input, value, slots, next) =>
    key.each(run, env, input, (name) => {
      const found = accessKey(run, value, name);
      if (slot >= 0) slots[slot] = found;
      return inner === undefined ? next() : inner(run, env, input, found, slots, next);
    });
}

function accessKey(run: Run, value: Json, name: Json): Json {
  if (typeof name !== "string") throw new Raise(`Cannot index ${kindText(value)} with ${kindText(name)}`);
  return accessValue(run, value, name);
}

function kindText(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}
