import type { Ast, FunctionDefinition } from "./ast.ts";
import { findBuiltin, listBuiltins } from "./builtins.ts";
import { type Closure, type Code, climb, codeOfEach, codeOfOne, Env, type Paths, PendingCall } from "./code.ts";
import type { AstOf, Compile } from "./compiler.ts";
import { suggestName } from "./diagnostics.ts";
import type { Json } from "./json.ts";
import type { Run } from "./run.ts";
import { type Body, type Compilation, EMPTY_SCOPE, type FunctionEntry, type Scope } from "./scope.ts";

/** `def name: body; rest` */
export function compileDefine(compile: Compile, ast: AstOf<"define">, scope: Scope, to: Compilation): Code {
  const inner = scope.define(ast.definition);
  const rest = compile(ast.rest, inner, to);
  const { entry } = inner;
  if (
    entry?.kind === "function" &&
    entry.function.bodies.many === undefined &&
    entry.function.bodies.single === undefined
  ) {
    compileBody(compile, entry.function, false, to);
  }
  return rest;
}

/** A call of a parameter, a defined function or a built-in one. */
export function compileCall(compile: Compile, ast: AstOf<"call">, scope: Scope, to: Compilation): Code {
  const found = scope.findFunction(ast.name, ast.args.length);
  if (found?.kind === "parameter") return callParameter(scope.depth - found.depth, found.single);
  const args = ast.args.map((arg) => makeArgument(compile, arg, scope, to));
  if (found?.kind === "function") return callFunction(compile, found.function, args, scope, to);
  const builtin = findBuiltin(ast.name, ast.args.length, to.profile);
  switch (builtin?.kind) {
    case "form":
      return builtin.make(
        args.map((arg) => arg.code),
        ast.span.start,
      );
    case "definition":
      return callFunction(compile, builtinEntry(builtin.definition, to), args, scope, to);
    case undefined:
      reportUnknown(ast, scope, to);
      return codeOfEach(() => false);
    case "refused":
      to.report({ code: "not-available", message: builtin.message, span: ast.span });
      return codeOfEach(() => false);
  }
}

const BUILTIN_ENTRIES = new WeakMap<Compilation, Map<FunctionDefinition, FunctionEntry>>();

function builtinEntry(definition: FunctionDefinition, to: Compilation): FunctionEntry {
  let entries = BUILTIN_ENTRIES.get(to);
  if (entries === undefined) {
    entries = new Map();
    BUILTIN_ENTRIES.set(to, entries);
  }
  let entry = entries.get(definition);
  if (entry === undefined) {
    entry = { definition, scope: EMPTY_SCOPE.define(definition), bodies: {} };
    entries.set(definition, entry);
  }
  return entry;
}

function reportUnknown(ast: AstOf<"call">, scope: Scope, to: Compilation): void {
  const arity = ast.args.length;
  const arities = listBuiltins(to.profile).filter((name) => name.startsWith(`${ast.name}/`));
  const known = arities.length > 0 ? arities.join(", ") : undefined;
  const nearby = suggestName(ast.name, [...scope.names("function"), ...listBuiltins(to.profile).map(stripArity)]);
  to.report({
    code: "unknown-function",
    message: `${ast.name}/${arity} is not defined`,
    span: ast.span,
    suggestion: known ?? nearby,
  });
}

function stripArity(name: string): string {
  return name.slice(0, name.lastIndexOf("/"));
}

interface Argument {
  readonly code: Code;
  /** Distance of the parameter that is passed on as it is. */
  readonly passed: number | undefined;
}

function makeArgument(compile: Compile, arg: Ast, scope: Scope, to: Compilation): Argument {
  const code = compile(arg, scope, to);
  const found = arg.kind === "call" && arg.args.length === 0 ? scope.findFunction(arg.name, 0) : undefined;
  return { code, passed: found?.kind === "parameter" ? scope.depth - found.depth : undefined };
}

function callParameter(distance: number, single: boolean): Code {
  const open = (env: Env | undefined): Closure | undefined => climb(env, distance)?.closure;
  const paths: Paths = (run, env, path, input, emit) => {
    const closure = open(env);
    run.tick(1);
    return closure === undefined ? false : closure.code.paths(run, closure.env, path, input, emit);
  };
  if (single) {
    return codeOfOne((run, env, input) => {
      const closure = open(env);
      return closure?.code.one?.(run, closure.env, input);
    }, paths);
  }
  return codeOfEach((run, env, input, emit) => {
    const closure = open(env);
    return closure === undefined ? false : closure.code.each(run, closure.env, input, emit);
  }, paths);
}

function callFunction(
  compile: Compile,
  entry: FunctionEntry,
  args: readonly Argument[],
  scope: Scope,
  to: Compilation,
): Code {
  const single = args.every(({ code }) => code.one !== undefined);
  const body = compileBody(compile, entry, single, to);
  body.called = true;
  const distance = scope.depth - entry.scope.depth;
  const open = (env: Env | undefined): Env | undefined => {
    let inner = climb(env, distance);
    for (const { code, passed } of args) {
      const closure = passed === undefined ? { code, env } : climb(env, passed)?.closure;
      inner = new Env(null, closure, inner);
    }
    return inner;
  };
  const paths: Paths = (run, env, path, input, emit) => {
    run.enter();
    const stopped = codeOf(body).paths(run, open(env), path, input, emit);
    run.depth--;
    return stopped;
  };
  if (body.single) {
    const code = codeOfOne((run, env, input) => enterOne(body, run, open(env), input), paths);
    return { ...code, tail: (_run, env, input) => new PendingCall(body, open(env), input) };
  }
  return codeOfEach((run, env, input, emit) => {
    run.enter();
    const stopped = codeOf(body).each(run, open(env), input, emit);
    run.depth--;
    return stopped;
  }, paths);
}

/** Steps of a call in last place: it needs no stack, but what it was given stays in memory. */
const PENDING_CALL_STEPS = 8;

/** Calls a body and then, one after the other, the calls that it leaves over. */
function enterOne(body: Body, run: Run, env: Env | undefined, input: Json): Json | undefined {
  run.enter();
  let value = answer(codeOf(body), run, env, input);
  while (value instanceof PendingCall) {
    run.tick(PENDING_CALL_STEPS);
    const { code } = value.body;
    value = code === undefined ? undefined : answer(code, run, value.env, value.input);
  }
  run.depth--;
  return value;
}

function answer(code: Code, run: Run, env: Env | undefined, input: Json): Json | undefined | PendingCall {
  return code.tail === undefined ? code.one?.(run, env, input) : code.tail(run, env, input);
}

function codeOf(body: Body): Code {
  if (body.code === undefined) throw new Error("A function is called before it is compiled");
  return body.code;
}

/**
 * Compiles a body on its first call.
 *
 * A body is first assumed to have at most one output, so that recursion can be fast; when it calls itself under that
 * assumption and turns out to have more, it is compiled again without it.
 */
function compileBody(compile: Compile, entry: FunctionEntry, single: boolean, to: Compilation): Body {
  const known = single ? entry.bodies.single : entry.bodies.many;
  if (known !== undefined) return known;
  const body: Body = { code: undefined, single: true, called: false };
  if (single) entry.bodies.single = body;
  else entry.bodies.many = body;
  body.code = compileParts(compile, entry, single, to);
  if (body.code.one !== undefined) return body;
  body.single = false;
  if (body.called) body.code = compileParts(compile, entry, single, to);
  return body;
}

function compileParts(compile: Compile, { definition, scope }: FunctionEntry, single: boolean, to: Compilation): Code {
  let inner = scope;
  for (const parameter of definition.parameters) inner = inner.bindParameter(parameter.replace("$", ""), single);
  return compile(bindValues(definition), inner, to);
}

/** A parameter `$name` is the closure `name`, evaluated and bound at the start of the body. */
function bindValues({ parameters, body, span }: FunctionDefinition): Ast {
  return parameters.reduceRight<Ast>((rest, parameter) => {
    if (!parameter.startsWith("$")) return rest;
    const name = parameter.slice(1);
    const source: Ast = { kind: "call", name, args: [], span };
    return { kind: "bind", source, patterns: [{ kind: "variable", name, span }], body: rest, span: rest.span };
  }, body);
}
