import type { Json, JsonObject } from "@stigmer/dsl";
import type {
  BodyCursor,
  BranchCursor,
  ExtensionCursor,
  HumanBody,
  ItemCursor,
  ListCursor,
  ListenBody,
  RunState,
  TaskCursor,
} from "./cursor.ts";
import { keptToJson } from "./kept-events.ts";

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
        ...(body.kept.length === 0 ? {} : { kept: keptToJson(body.kept), dropped: body.dropped }),
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
    case "human":
      return humanToJson(body);
    case "function":
      return { kind: "function", input: body.input, ...(body.task ? { task: taskToJson(body.task) } : {}) };
    case "value":
      return { kind: "value", value: body.value };
  }
}

function listenToJson({ taken, outputs, progress, item, seen, isOver }: ListenBody): Json {
  return {
    kind: "listen",
    taken,
    outputs: [...outputs],
    progress,
    ...itemToJson(item),
    ...(seen === undefined ? {} : { seen }),
    ...(isOver ? { isOver } : {}),
  };
}

function humanToJson({ request, taken, timeoutAtMs, escalateAtMs, answer }: HumanBody): Json {
  return {
    kind: "human",
    request,
    taken,
    ...(timeoutAtMs === undefined ? {} : { timeoutAtMs }),
    ...(escalateAtMs === undefined ? {} : { escalateAtMs }),
    ...(answer === undefined ? {} : { answer }),
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
