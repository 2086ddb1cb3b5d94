import type { Json, JsonObject } from "@stigmer/dsl";
import type {
  BodyCursor,
  BranchCursor,
  ExtensionCursor,
  ItemCursor,
  ListCursor,
  ListenBody,
  RunState,
  TaskCursor,
} from "./cursor.ts";
import { isList, isObject, property } from "./json.ts";

/** A copy of the state as JSON; values are shared because nobody changes them. */
export function stateToJson(state: RunState): Json {
  return {
    v: 1,
    entered: state.entered,
    context: state.context,
    steps: state.steps,
    restedAt: state.restedAt,
    runs: Object.fromEntries(state.runs),
    ...(state.resources.size === 0 ? {} : { resources: Object.fromEntries(state.resources) }),
    list: listToJson(state.list),
    ...(state.deadlineAtMs === undefined ? {} : { deadlineAtMs: state.deadlineAtMs }),
  };
}

function listToJson(list: ListCursor): Json {
  return {
    index: list.index,
    input: list.input,
    ...(list.task ? { task: taskToJson(list.task) } : {}),
    ...(list.loops ? { loops: true } : {}),
    ...(list.hushed ? { hushed: true } : {}),
    ...(list.left ? { left: true } : {}),
  };
}

function taskToJson(task: TaskCursor): Json {
  return {
    run: task.run,
    startedAtMs: task.startedAtMs,
    entered: task.entered,
    ...(task.scope === undefined ? {} : { scope: task.scope }),
    ...(task.input === undefined ? {} : { input: task.input }),
    ...(task.deadlineAtMs === undefined ? {} : { deadlineAtMs: task.deadlineAtMs }),
    ...(task.finished === undefined ? {} : { finished: task.finished }),
    ...(task.body === undefined ? {} : { body: bodyToJson(task.body) }),
    ...(task.extension === undefined ? {} : { extension: extensionToJson(task.extension) }),
  };
}

function extensionToJson({ phase, applied, at, list, instead, done }: ExtensionCursor): Json {
  return {
    phase,
    at,
    ...(applied === undefined ? {} : { applied }),
    ...(list === undefined ? {} : { list: listToJson(list) }),
    ...(instead === undefined ? {} : { instead }),
    ...(done === undefined ? {} : { done }),
  };
}

function bodyToJson(body: BodyCursor): Json {
  switch (body.kind) {
    case "list":
      return { kind: "list", list: listToJson(body.list) };
    case "for":
      return {
        kind: "for",
        items: body.items,
        index: body.index,
        input: body.input,
        ...(body.list ? { list: listToJson(body.list) } : {}),
      };
    case "fork":
      return {
        kind: "fork",
        branches: body.branches.map(branchToJson),
        ...(body.winner === undefined ? {} : { winner: body.winner }),
      };
    case "try":
      return {
        kind: "try",
        phase: body.phase,
        attempt: body.attempt,
        ...(body.begun.size === 0 ? {} : { begun: Object.fromEntries(body.begun) }),
        startedAtMs: body.startedAtMs,
        list: listToJson(body.list),
        ...(body.error === undefined ? {} : { error: body.error }),
        ...(body.dueAtMs === undefined ? {} : { dueAtMs: body.dueAtMs }),
      };
    case "listen":
      return listenToJson(body);
    case "items":
      return { kind: "items", result: body.result, outputs: [...body.outputs], ...itemToJson(body.item) };
    case "function":
      return { kind: "function", input: body.input, ...(body.task ? { task: taskToJson(body.task) } : {}) };
    case "value":
      return { kind: "value", value: body.value };
  }
}

function listenToJson({ taken, outputs, progress, item, isOver }: ListenBody): Json {
  return {
    kind: "listen",
    taken,
    outputs: [...outputs],
    progress,
    ...itemToJson(item),
    ...(isOver ? { isOver } : {}),
  };
}

function itemToJson(item: ItemCursor | undefined): JsonObject {
  return item === undefined ? {} : { item: { value: item.value, list: listToJson(item.list) } };
}

function branchToJson(branch: BranchCursor): Json {
  return {
    ...(branch.task ? { task: taskToJson(branch.task) } : {}),
    ...(branch.finished ? { finished: branch.finished } : {}),
    ...(branch.fault ? { fault: branch.fault } : {}),
  };
}

/**
 * Reads a state that `stateToJson` wrote.
 *
 * @throws {TypeError} when the data is not a state of a version this program knows
 */
export function stateFromJson(json: Json): RunState {
  if (property(json, "v") !== 1) throw new TypeError("Cannot continue a workflow: its snapshot has an unknown version");
  const deadlineAtMs = property(json, "deadlineAtMs");
  return {
    v: 1,
    entered: property(json, "entered") === true,
    context: property(json, "context") ?? null,
    steps: numberOf(property(json, "steps")),
    restedAt: numberOf(property(json, "restedAt")),
    runs: countsFromJson(property(json, "runs")),
    resources: new Map(Object.entries(optionalObject(property(json, "resources")) ?? {})),
    list: listFromJson(property(json, "list")),
    ...(deadlineAtMs === undefined ? {} : { deadlineAtMs: numberOf(deadlineAtMs) }),
  };
}

function countsFromJson(json: Json | undefined): Map<string, number> {
  return new Map(isObject(json) ? Object.entries(json).map(([key, count]) => [key, numberOf(count)]) : []);
}

function listFromJson(json: Json | undefined): ListCursor {
  const task = property(json, "task");
  return {
    index: numberOf(property(json, "index")),
    input: property(json, "input") ?? null,
    task: task === undefined ? undefined : taskFromJson(task),
    loops: property(json, "loops") === true,
    hushed: property(json, "hushed") === true,
    left: property(json, "left") === true,
  };
}

function taskFromJson(json: Json): TaskCursor {
  const body = property(json, "body");
  const extension = property(json, "extension");
  return {
    run: numberOf(property(json, "run")),
    startedAtMs: numberOf(property(json, "startedAtMs")),
    scope: optionalText(property(json, "scope")),
    entered: property(json, "entered") === true,
    input: property(json, "input"),
    deadlineAtMs: optionalNumber(property(json, "deadlineAtMs")),
    finished: finishedFromJson(property(json, "finished")),
    body: body === undefined ? undefined : bodyFromJson(body),
    extension: extension === undefined ? undefined : extensionFromJson(extension),
  };
}

function extensionFromJson(json: Json): ExtensionCursor {
  const phase = property(json, "phase");
  const applied = property(json, "applied");
  const list = property(json, "list");
  return {
    phase: phase === "work" || phase === "after" ? phase : "before",
    applied: applied === undefined ? undefined : listOf(applied).map(numberOf),
    at: numberOf(property(json, "at")),
    list: list === undefined ? undefined : listFromJson(list),
    instead: finishedFromJson(property(json, "instead")),
    done: finishedFromJson(property(json, "done")),
  };
}

function finishedFromJson(json: Json | undefined): TaskCursor["finished"] {
  if (json === undefined) return undefined;
  const next = property(json, "next");
  return { output: property(json, "output") ?? null, ...(typeof next === "string" ? { next } : {}) };
}

function bodyFromJson(json: Json): BodyCursor {
  const kind = property(json, "kind");
  switch (kind) {
    case "list":
      return { kind, list: listFromJson(property(json, "list")) };
    case "for":
      return forFromJson(json);
    case "fork":
      return {
        kind,
        branches: listOf(property(json, "branches")).map(branchFromJson),
        winner: optionalNumber(property(json, "winner")),
      };
    case "try":
      return tryFromJson(json);
    case "listen":
      return listenFromJson(json);
    case "items":
      return itemsFromJson(json);
    case "function":
      return functionFromJson(json);
    case "value":
      return { kind, value: property(json, "value") ?? null };
    default:
      throw new TypeError("Cannot continue a workflow: its snapshot holds an unknown kind of task");
  }
}

function forFromJson(json: Json): BodyCursor {
  const list = property(json, "list");
  return {
    kind: "for",
    items: listOf(property(json, "items")),
    index: numberOf(property(json, "index")),
    input: property(json, "input") ?? null,
    list: list === undefined ? undefined : listFromJson(list),
  };
}

function tryFromJson(json: Json): BodyCursor {
  const phase = property(json, "phase");
  return {
    kind: "try",
    phase: phase === "delay" || phase === "catch" ? phase : "try",
    attempt: numberOf(property(json, "attempt")),
    begun: countsFromJson(property(json, "begun")),
    startedAtMs: numberOf(property(json, "startedAtMs")),
    list: listFromJson(property(json, "list")),
    error: optionalObject(property(json, "error")),
    dueAtMs: optionalNumber(property(json, "dueAtMs")),
  };
}

function functionFromJson(json: Json): BodyCursor {
  const task = property(json, "task");
  return {
    kind: "function",
    input: property(json, "input") ?? null,
    task: task === undefined ? undefined : taskFromJson(task),
  };
}

function listenFromJson(json: Json): BodyCursor {
  const progress = property(json, "progress");
  return {
    kind: "listen",
    taken: numberOf(property(json, "taken")),
    outputs: [...listOf(property(json, "outputs"))],
    progress: {
      filled: listOf(property(progress, "filled")).map(numberOf),
      stopped: listOf(property(progress, "stopped")).map(numberOf),
      keys: optionalObject(property(progress, "keys")) ?? {},
    },
    item: itemFromJson(property(json, "item")),
    isOver: property(json, "isOver") === true,
  };
}

function itemsFromJson(json: Json): BodyCursor {
  return {
    kind: "items",
    result: property(json, "result") ?? null,
    outputs: [...listOf(property(json, "outputs"))],
    item: itemFromJson(property(json, "item")),
  };
}

function itemFromJson(json: Json | undefined): ItemCursor | undefined {
  if (json === undefined) return undefined;
  return { value: property(json, "value") ?? null, list: listFromJson(property(json, "list")) };
}

function branchFromJson(json: Json): BranchCursor {
  const task = property(json, "task");
  return {
    task: task === undefined ? undefined : taskFromJson(task),
    finished: finishedFromJson(property(json, "finished")),
    fault: optionalObject(property(json, "fault")),
  };
}

function numberOf(json: Json | undefined): number {
  if (typeof json !== "number") throw new TypeError("Cannot continue a workflow: its snapshot lacks a number");
  return json;
}

function optionalNumber(json: Json | undefined): number | undefined {
  return json === undefined ? undefined : numberOf(json);
}

function optionalText(json: Json | undefined): string | undefined {
  return typeof json === "string" ? json : undefined;
}

function optionalObject(json: Json | undefined): JsonObject | undefined {
  return isObject(json) ? json : undefined;
}

function listOf(json: Json | undefined): readonly Json[] {
  if (!isList(json)) throw new TypeError("Cannot continue a workflow: its snapshot lacks a list");
  return json;
}
