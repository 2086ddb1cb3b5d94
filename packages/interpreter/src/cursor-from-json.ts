import { isDecisionRequest, type Json, type JsonObject } from "@stigmer/dsl";
import type {
  BodyCursor,
  BranchCursor,
  ExtensionCursor,
  ItemCursor,
  ListCursor,
  RunState,
  TaskCursor,
} from "./cursor.ts";
import { isList, isObject, property } from "./json.ts";
import type { KeptIteration } from "./kept-events.ts";

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
    case "human":
      return humanFromJson(json);
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
    kept: listOf(property(json, "kept") ?? []).map(iterationFromJson),
    dropped: numberOf(property(json, "dropped") ?? 0),
  };
}

function iterationFromJson(json: Json): KeptIteration {
  const events = listOf(property(json, "events")).map((event) => ({
    type: String(property(event, "type")),
    data: property(event, "data") ?? null,
  }));
  return { isLoud: property(json, "isLoud") === true, events };
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
    seen: optionalObject(property(json, "seen")),
    isOver: property(json, "isOver") === true,
  };
}

function humanFromJson(json: Json): BodyCursor {
  const request = property(json, "request");
  if (!isDecisionRequest(request)) throw new TypeError("Cannot continue a workflow: its snapshot lacks a question");
  return {
    kind: "human",
    request,
    taken: numberOf(property(json, "taken")),
    timeoutAtMs: optionalNumber(property(json, "timeoutAtMs")),
    escalateAtMs: optionalNumber(property(json, "escalateAtMs")),
    answer: property(json, "answer"),
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
