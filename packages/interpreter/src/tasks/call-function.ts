import { type FunctionCallTask, functionProblems, type Json, type Task, taskKind } from "@stigmer/dsl";
import { signInBy } from "../authentication.ts";
import { addressOf } from "../connections.ts";
import type { FunctionBody } from "../cursor.ts";
import { evaluateValue, inDefinition } from "../data-flow.ts";
import { type BuiltInFunction, DEFAULT_CATALOG } from "../default-catalog.ts";
import { standardFault } from "../fault.ts";
import { fetchResource } from "../fetch-resource.ts";
import { Directed, type Outcome, type TaskFrame } from "../frame.ts";
import { catalogAddress, functionAddress, readCatalogedFunction } from "../function-address.ts";
import { isObject, present } from "../json.ts";
import type { Step } from "../step.ts";
import { runTask } from "../task.ts";

/** Functions may call functions; beyond this they call themselves. */
const MAX_DEPTH = 32;

/**
 * Calls a function: of `use.functions`, of a catalog, or by its URL. `with` becomes the input of the function's task,
 * whose output is that of the call. The function's task stands at `<reference of the call>/call`.
 *
 * @throws {Fault} configuration error for functions that do not exist, are no task, or call themselves without end
 */
export function* callFunction(frame: TaskFrame, task: FunctionCallTask): Step<Outcome> {
  const builtIn = builtInFunction(frame, task.call);
  if (builtIn !== undefined) return builtIn(frame, yield* evaluateValue(frame, task.with ?? {}));
  const definition = yield* definitionOf(frame, task.call);
  const body = yield* bodyOf(frame, task);
  const planned = { name: task.call, task: definition, kind: taskKind(definition), pointer: "/call" };
  const outcome = yield* runTask(frame, {
    planned,
    reference: `${frame.reference}${planned.pointer}`,
    raw: body.input,
    slot: body,
  });
  return outcome instanceof Directed && outcome.next !== "end" ? outcome.output : outcome;
}

/** A function of the runtime's own catalog, unless the document has a catalog of that name itself. */
function builtInFunction(frame: TaskFrame, call: string): BuiltInFunction | undefined {
  const { functions, catalogs } = frame.run.definition.use ?? {};
  const cataloged = functions !== undefined && Object.hasOwn(functions, call) ? undefined : readCatalogedFunction(call);
  const isOurs = cataloged?.catalog === "default" && !Object.hasOwn(catalogs ?? {}, "default");
  return isOurs ? DEFAULT_CATALOG.get(cataloged.name) : undefined;
}

function* bodyOf(frame: TaskFrame, task: FunctionCallTask): Step<FunctionBody> {
  const { cursor } = frame;
  if (cursor.body?.kind === "function") return cursor.body;
  const body: FunctionBody = { kind: "function", input: yield* evaluateValue(frame, task.with ?? {}), task: undefined };
  cursor.body = body;
  return body;
}

function* definitionOf(frame: TaskFrame, call: string): Step<Task> {
  const depth = frame.reference.match(/\/call(?=\/)/g)?.length ?? 0;
  if (depth >= MAX_DEPTH) throw wrong(`Cannot call "${call}": functions call each other more than ${MAX_DEPTH} deep`);
  const { functions = {} } = frame.run.definition.use ?? {};
  const own = Object.hasOwn(functions, call) ? functions[call] : undefined;
  return own ?? (yield* fetchFunction(frame, call));
}

function* fetchFunction(frame: TaskFrame, call: string): Step<Task> {
  const endpoint = endpointOf(frame, call);
  const definition = yield* fetchResource(inDefinition(frame), { endpoint, as: "data" });
  const [problem] = functionProblems(definition);
  if (isTask(definition, problem)) return definition;
  throw wrong(`Cannot call "${call}": its definition is no task: ${problem?.pointer ?? ""} ${problem?.message ?? ""}`);
}

/** What validation found nothing wrong with has the structure of a task. */
function isTask(definition: Json, problem: object | undefined): definition is Task {
  return problem === undefined && isObject(definition);
}

/** Where the definition of a function is that the document does not hold. */
function endpointOf(frame: TaskFrame, call: string): Json {
  const cataloged = readCatalogedFunction(call);
  if (cataloged === undefined) {
    if (/^https?:\/\//.test(call)) return functionAddress(call);
    throw wrong(`Cannot call "${call}": it is no function of use.functions, no name:version@catalog and no URL`);
  }
  const { catalogs = {} } = frame.run.definition.use ?? {};
  const { catalog } = cataloged;
  const entry = Object.hasOwn(catalogs, catalog) ? catalogs[catalog] : undefined;
  if (entry === undefined) throw wrong(`Cannot call "${call}": there is no catalog "${catalog}" in use.catalogs`);
  const evaluation = inDefinition(frame);
  const written = typeof entry.endpoint === "string" ? { uri: entry.endpoint } : entry.endpoint;
  const root = addressOf(evaluation, written.uri);
  if (typeof root !== "string") throw wrong(`Cannot call "${call}": the address of catalog "${catalog}" is no text`);
  const { authentication } = written;
  return present({
    uri: catalogAddress(root, cataloged),
    authentication: authentication === undefined ? undefined : signInBy(evaluation, authentication).policy,
  });
}

function wrong(detail: string) {
  return standardFault({ error: "configuration", detail });
}
