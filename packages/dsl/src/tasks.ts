import type {
  A2aCallTask,
  AgentCallTask,
  AsyncApiCallTask,
  CallTask,
  DoTask,
  EmitTask,
  ForkTask,
  ForTask,
  FunctionCallTask,
  GrpcCallTask,
  HttpCallTask,
  HumanCallTask,
  ListenTask,
  McpCallTask,
  OpenApiCallTask,
  RaiseTask,
  RunTask,
  SetTask,
  SwitchCase,
  SwitchTask,
  Task,
  TaskKind,
  TaskList,
  TryTask,
  WaitTask,
} from "./model.ts";

/** The names of all kinds of tasks. `for` stands before `do` because a loop has both keys. */
export const TASK_KINDS: readonly TaskKind[] = [
  "call",
  "emit",
  "for",
  "fork",
  "listen",
  "raise",
  "run",
  "set",
  "switch",
  "try",
  "wait",
  "do",
];

/** The names after `call:` that are protocols, not functions. */
export const CALL_PROTOCOLS = ["http", "openapi", "grpc", "asyncapi", "a2a", "mcp", "agent", "human"] as const;

/** A task with its name and its place in the list. */
export interface TaskEntry {
  readonly name: string;
  readonly task: Task;
  /** From 0. */
  readonly index: number;
}

/** A case of a switch with its name and its place. */
export interface SwitchEntry {
  readonly name: string;
  readonly case: SwitchCase;
  /** From 0. */
  readonly index: number;
}

/**
 * Kind of a task of a valid document.
 *
 * @throws {TypeError} when the task has no key of any kind, so was never validated
 */
export function taskKind(task: Task): TaskKind {
  const kind = TASK_KINDS.find((candidate) => Object.hasOwn(task, candidate));
  if (kind === undefined)
    throw new TypeError(`Cannot tell the kind of a task with keys ${Object.keys(task).join(", ")}`);
  return kind;
}

/** A task as a union that a switch over `kind` narrows. */
export type KnownTask =
  | { readonly kind: "call"; readonly task: CallTask }
  | { readonly kind: "do"; readonly task: DoTask }
  | { readonly kind: "emit"; readonly task: EmitTask }
  | { readonly kind: "for"; readonly task: ForTask }
  | { readonly kind: "fork"; readonly task: ForkTask }
  | { readonly kind: "listen"; readonly task: ListenTask }
  | { readonly kind: "raise"; readonly task: RaiseTask }
  | { readonly kind: "run"; readonly task: RunTask }
  | { readonly kind: "set"; readonly task: SetTask }
  | { readonly kind: "switch"; readonly task: SwitchTask }
  | { readonly kind: "try"; readonly task: TryTask }
  | { readonly kind: "wait"; readonly task: WaitTask };

/** Gives a task together with its kind, so that one switch narrows both. */
export function knownTask(task: Task): KnownTask {
  return { kind: taskKind(task), task } as KnownTask;
}

/** A call as a union that a switch over `protocol` narrows. */
export type KnownCall =
  | { readonly protocol: "http"; readonly task: HttpCallTask }
  | { readonly protocol: "openapi"; readonly task: OpenApiCallTask }
  | { readonly protocol: "grpc"; readonly task: GrpcCallTask }
  | { readonly protocol: "asyncapi"; readonly task: AsyncApiCallTask }
  | { readonly protocol: "a2a"; readonly task: A2aCallTask }
  | { readonly protocol: "mcp"; readonly task: McpCallTask }
  | { readonly protocol: "agent"; readonly task: AgentCallTask }
  | { readonly protocol: "human"; readonly task: HumanCallTask }
  | { readonly protocol: "function"; readonly task: FunctionCallTask };

/** Gives a call together with its protocol, so that one switch narrows both. */
export function knownCall(task: CallTask): KnownCall {
  const protocol = CALL_PROTOCOLS.find((name) => name === task.call) ?? "function";
  return { protocol, task } as KnownCall;
}

/** Tasks of a list with names and indexes, in order. */
export function taskEntries(list: TaskList): readonly TaskEntry[] {
  return list.flatMap((item, index) => Object.entries(item).map(([name, task]) => ({ name, task, index })));
}

/** Cases of a switch with names and indexes, in order. */
export function switchEntries(task: SwitchTask): readonly SwitchEntry[] {
  return task.switch.flatMap((item, index) =>
    Object.entries(item).map(([name, entry]) => ({ name, case: entry, index })),
  );
}
