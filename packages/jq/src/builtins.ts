import type { FunctionDefinition } from "./ast.ts";
import { FORMAT_NATIVES } from "./formats.ts";
import type { MakeCall, Natives } from "./native.ts";
import { native0 } from "./native.ts";
import { ARRAY_NATIVES } from "./natives-array.ts";
import { DATE_NATIVES } from "./natives-date.ts";
import { FLOW_NATIVES } from "./natives-flow.ts";
import { LOOP_NATIVES } from "./natives-loop.ts";
import { MATH_NATIVES } from "./natives-math.ts";
import { PATH_NATIVES } from "./natives-path.ts";
import { REGEX_NATIVES } from "./natives-regex.ts";
import { STRING_NATIVES } from "./natives-string.ts";
import { VALUE_NATIVES } from "./natives-value.ts";
import { WORLD_NATIVES } from "./natives-world.ts";
import { parseDefinitions } from "./parser.ts";
import { PRELUDE } from "./prelude.ts";
import type { JqProfile } from "./scope.ts";

/** What a name and arity mean when the filter does not define them. */
export type Builtin =
  | { readonly kind: "form"; readonly make: MakeCall }
  | { readonly kind: "definition"; readonly definition: FunctionDefinition }
  | { readonly kind: "refused"; readonly message: string };

const LIST_NATIVES: Natives = { "builtins/0": native0(() => listBuiltins("jq")) };

const NATIVES: ReadonlyMap<string, MakeCall> = new Map(
  [
    VALUE_NATIVES,
    ARRAY_NATIVES,
    STRING_NATIVES,
    MATH_NATIVES,
    PATH_NATIVES,
    FLOW_NATIVES,
    LOOP_NATIVES,
    REGEX_NATIVES,
    DATE_NATIVES,
    FORMAT_NATIVES,
    WORLD_NATIVES,
    LIST_NATIVES,
  ].flatMap((natives) => Object.entries(natives)),
);

const DEFINITIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  parseDefinitions(PRELUDE).map((definition) => [`${definition.name}/${definition.parameters.length}`, definition]),
);

/** Functions that reach outside; profile `workflow` refuses them. */
const WORLDLY: ReadonlySet<string> = new Set([
  ...["input/0", "inputs/0", "debug/0", "debug/1", "stderr/0", "input_line_number/0", "input_filename/0"],
  ...["env/0", "localtime/0", "strflocaltime/1", "halt/0", "halt_error/0", "halt_error/1"],
  ...["get_search_list/0", "builtins/0"],
]);

/** Looks a built-in function up. */
export function findBuiltin(name: string, arity: number, profile: JqProfile): Builtin | undefined {
  const key = `${name}/${arity}`;
  if (profile === "workflow" && WORLDLY.has(key)) {
    return {
      kind: "refused",
      message: `${key} is not available in workflows: an expression sees its input and variables only`,
    };
  }
  const make = NATIVES.get(key);
  if (make !== undefined) return { kind: "form", make };
  const definition = DEFINITIONS.get(key);
  return definition === undefined ? undefined : { kind: "definition", definition };
}

const LISTS = new Map<JqProfile, readonly string[]>();

/** Names of built-in functions as `name/arity`, without internal ones. */
export function listBuiltins(profile: JqProfile): readonly string[] {
  let list = LISTS.get(profile);
  if (list === undefined) {
    const all = [...NATIVES.keys(), ...DEFINITIONS.keys()].filter((name) => !name.startsWith("_"));
    list = profile === "jq" ? all : all.filter((name) => !WORLDLY.has(name));
    LISTS.set(profile, list);
  }
  return list;
}
