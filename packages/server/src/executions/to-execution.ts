import { create, fromJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import { timestampFromMs, ValueSchema } from "@bufbuild/protobuf/wkt";
import { type Event, EventSchema, type Execution, ExecutionSchema, Phase } from "@stigmer/api";
import type { EventView, ExecutionView } from "../engine/execution-views.ts";

/** An execution as the API shows it. `input` is what the caller gave, without what was pinned beside it. */
export function toExecution(view: ExecutionView): Execution {
  const { kind, namespace, name, version, revision } = view;
  return create(ExecutionSchema, {
    id: view.id,
    target: { kind, namespace, name, version, revision },
    digest: view.digest,
    phase: toPhase(view.phase),
    reason: view.reason,
    input: fromJson(ValueSchema, givenInput(view)),
    ...(view.output === undefined ? {} : { output: fromJson(ValueSchema, JSON.parse(view.output)) }),
    ...(view.error === undefined ? {} : { error: toProblem(JSON.parse(view.error)) }),
    sessionId: view.session,
    parentId: view.parentId ?? "",
    labels: JSON.parse(view.labels),
    createdAt: timestampFromMs(view.createdAtMs),
    ...(view.startedAtMs === undefined ? {} : { startedAt: timestampFromMs(view.startedAtMs) }),
    ...(view.endedAtMs === undefined ? {} : { endedAt: timestampFromMs(view.endedAtMs) }),
    environment: view.environment,
    lastEventSeq: BigInt(view.lastEventSeq),
  });
}

/** A line of an event log as the API shows it. */
export function toEvent(view: EventView): Event {
  return create(EventSchema, {
    seq: BigInt(view.seq),
    at: timestampFromMs(view.atMs),
    type: view.type,
    data: toStruct(view.data),
  });
}

/** A JSON text as an object; anything else stands in its member `value`. */
export function toStruct(text: string): JsonObject {
  const value: JsonValue = text === "" ? {} : JSON.parse(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : { value };
}

function givenInput(view: ExecutionView): JsonValue {
  const input = toStruct(view.input);
  if (view.kind !== "Agent") return input.input ?? null;
  const { message = null, data } = input;
  return data === undefined ? { message } : { message, data };
}

/** RFC 9457 members only. */
function toProblem(failure: JsonObject): JsonObject {
  const { retryable: _retryable, data: _data, ...problem } = failure;
  return problem;
}

const PHASES: readonly Phase[] = [
  Phase.UNSPECIFIED,
  Phase.PENDING,
  Phase.RUNNING,
  Phase.WAITING,
  Phase.PAUSED,
  Phase.SUSPENDED,
  Phase.COMPLETED,
  Phase.FAULTED,
  Phase.CANCELLED,
];

function toPhase(number: number): Phase {
  return PHASES[number] ?? Phase.UNSPECIFIED;
}
