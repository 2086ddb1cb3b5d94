import { type Code, climb, codeOfEach, codeOfOne, Env } from "./code.ts";
import type { AstOf, Compile } from "./compiler.ts";
import { suggestName } from "./diagnostics.ts";
import type { Json } from "./json.ts";
import { setKey } from "./json.ts";
import { LEAVING } from "./leaving.ts";
import type { Run } from "./run.ts";
import type { Compilation, Scope } from "./scope.ts";

/** `$name`: a bound variable, a variable from outside, or `$ENV`. */
export function compileVariable(ast: AstOf<"variable">, scope: Scope, to: Compilation): Code {
  const { name, span } = ast;
  const distance = scope.findVariable(name);
  if (distance !== undefined) return readPlace(distance);
  const slot = to.globals.get(name);
  if (slot !== undefined) {
    to.usedVariables.add(name);
    return codeOfOne((run) => run.globals[slot] ?? null);
  }
  if (name === "ENV" && to.profile === "jq") return codeOfOne(readEnvironment);
  const suggestion = suggestName(name, [...scope.names("variable"), ...to.globals.keys()]);
  const hint = suggestion === undefined ? undefined : `$${suggestion}`;
  to.report({ code: "unknown-variable", message: `$${name} is not defined`, span, suggestion: hint });
  return codeOfOne(() => undefined);
}

function readPlace(distance: number): Code {
  if (distance === 0) return codeOfOne((_run, env) => env?.value);
  if (distance === 1) return codeOfOne((_run, env) => env?.up?.value);
  return codeOfOne((_run, env) => climb(env, distance)?.value);
}

/** The environment given to the run, as an object. */
export function readEnvironment(run: Run): Json {
  const env: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(run.world.env)) setKey(env, key, value);
  return env;
}

/** `label $name | body`; the place in the environment is the identity of the label. */
export function compileLabel(compile: Compile, ast: AstOf<"label">, scope: Scope, to: Compilation): Code {
  const body = compile(ast.body, scope.bindLabel(ast.name), to);
  const within = (run: Run, label: Env, produce: () => boolean): boolean => {
    const { depth } = run;
    let stopped: boolean;
    try {
      stopped = produce();
    } catch (error) {
      if (error !== LEAVING || run.breaking !== label) throw error;
      stopped = true;
    }
    if (!stopped || run.breaking !== label) return stopped;
    run.depth = depth;
    run.breaking = undefined;
    return false;
  };
  return codeOfEach(
    (run, env, input, emit) => {
      const label = new Env(null, undefined, env);
      return within(run, label, () => body.each(run, label, input, emit));
    },
    (run, env, path, input, emit) => {
      const label = new Env(null, undefined, env);
      return within(run, label, () => body.paths(run, label, path, input, emit));
    },
  );
}

/** `break $name` */
export function compileBreak(ast: AstOf<"break">, scope: Scope, to: Compilation): Code {
  const distance = scope.findLabel(ast.name);
  if (distance === undefined) {
    const suggestion = suggestName(ast.name, scope.names("label"));
    const message = `$*label-${ast.name} is not defined`;
    to.report({ code: "unknown-label", message, span: ast.span, suggestion: suggestion && `break $${suggestion}` });
  }
  return codeOfEach((run, env) => {
    run.breaking = climb(env, distance ?? 0);
    return true;
  });
}
