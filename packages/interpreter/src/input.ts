import type { Json, WorkflowDocument } from "@stigmer/dsl";
import { standardFault } from "./fault.ts";
import { isList, isObject, property } from "./json.ts";

/** Input of the workflow program: a pinned definition and what to run it with. */
export interface WorkflowProgramInput {
  readonly definition: WorkflowDocument;
  readonly input: Json;
  readonly execution: { readonly id: string; readonly namespace: string; readonly startedAtMs: number };
  /** `$runtime`. */
  readonly runtime: { readonly name: string; readonly version: string; readonly metadata?: Json };
  /** Origins of addresses to replace, for tests against local services. */
  readonly rewrite?: readonly { readonly from: string; readonly to: string }[];
  /** Faults instead of storing, sealed, an expression that reads `$secrets` outside an effect's arguments. */
  readonly strictSecrets?: boolean;
  /** `all` keeps every task event of long loops; default: the first and last 100 iterations and every fault. */
  readonly events?: "all";
}

/**
 * Reads the program's input.
 *
 * @throws {Fault} configuration error when it holds no validated definition
 */
export function readProgramInput(json: Json): WorkflowProgramInput {
  const definition = property(json, "definition");
  const execution = property(json, "execution");
  const id = property(execution, "id");
  const namespace = property(execution, "namespace");
  const startedAtMs = property(execution, "startedAtMs");
  if (!isDefinition(definition) || typeof id !== "string" || typeof startedAtMs !== "number") {
    const detail = "Cannot run a workflow: the program's input holds no validated definition or no execution";
    throw standardFault({ error: "configuration", detail });
  }
  const rewrite = readRewrite(property(json, "rewrite"));
  return {
    definition,
    input: property(json, "input") ?? null,
    execution: { id, namespace: typeof namespace === "string" ? namespace : "default", startedAtMs },
    runtime: readRuntime(property(json, "runtime")),
    ...(rewrite.length === 0 ? {} : { rewrite }),
    ...(property(json, "strictSecrets") === true ? { strictSecrets: true } : {}),
    ...(property(json, "events") === "all" ? { events: "all" } : {}),
  };
}

/** Definitions are validated before they are pinned; here only what tells one from something else is looked at. */
function isDefinition(json: Json | undefined): json is WorkflowDocument {
  return isObject(property(json, "document")) && isList(property(json, "do"));
}

function readRuntime(json: Json | undefined): WorkflowProgramInput["runtime"] {
  const name = property(json, "name");
  const version = property(json, "version");
  const metadata = property(json, "metadata");
  return {
    name: typeof name === "string" ? name : "stigmer",
    version: typeof version === "string" ? version : "unknown",
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function readRewrite(json: Json | undefined): { readonly from: string; readonly to: string }[] {
  if (!isList(json)) return [];
  return json.flatMap((rule) => {
    const from = property(rule, "from");
    const to = property(rule, "to");
    return typeof from === "string" && typeof to === "string" ? [{ from, to }] : [];
  });
}
