import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Execution, ExecutionSchema, Phase, type WatchResponse, WatchResponseSchema } from "@stigmer/api";
import type { StigmerClient } from "@stigmer/sdk";
import { describe, expect, test } from "vitest";
import { followExecution } from "./follow.ts";
import { requireGoing } from "./follow-and-print.ts";

type Update = NonNullable<MessageInitShape<typeof WatchResponseSchema>["update"]>;

const REASON = "STEP_TOO_LARGE";

function execution(phase: Phase, lastEventSeq: bigint): Execution {
  return create(ExecutionSchema, { id: "wex_1", phase, lastEventSeq, reason: phase === Phase.SUSPENDED ? REASON : "" });
}

function snapshot(phase: Phase, lastEventSeq: bigint): Update {
  return { case: "snapshot", value: execution(phase, lastEventSeq) };
}

function event(seq: bigint, type: string): Update {
  return { case: "event", value: { seq, type } };
}

/** Follows a stream that stays open after its last update, as a server's does. */
async function follow(updates: readonly Update[], now: Execution = execution(Phase.RUNNING, 0n)) {
  const [seen, closed]: [string[], string[]] = [[], []];
  const stop = new AbortController();
  async function* stream(): AsyncGenerator<WatchResponse> {
    for (const update of updates) yield create(WatchResponseSchema, { update });
    stop.abort();
  }
  const executions = { getExecution: async () => ({ execution: now }) };
  const end = await followExecution({
    client: { executions: async () => executions } as unknown as StigmerClient,
    open: async (signal) => {
      signal.addEventListener("abort", () => closed.push("stream"));
      return stream();
    },
    withTokens: false,
    listener: { onEvent: ({ type }) => seen.push(type) },
    signal: stop.signal,
  });
  return { end, seen, closed };
}

describe("followExecution()", () => {
  test("ends at a suspension", async () => {
    const updates = [snapshot(Phase.RUNNING, 1n), event(1n, "execution.created"), event(2n, "execution.suspended")];
    const { end, closed } = await follow(updates, execution(Phase.SUSPENDED, 2n));
    expect(closed).toEqual(["stream"]);
    expect(end).toMatchObject({ phase: Phase.SUSPENDED, reason: REASON });
  });

  test("gives the events of one that is suspended already", async () => {
    const updates = [snapshot(Phase.SUSPENDED, 2n), event(1n, "execution.created"), event(2n, "execution.suspended")];
    const { end, seen } = await follow(updates);
    expect(end?.phase).toBe(Phase.SUSPENDED);
    expect(seen).toEqual(["execution.created", "execution.suspended"]);
  });

  test.each([
    ["that was resumed before", 3n],
    ["that was resumed as soon as it came", 0n],
  ])("goes on after a suspension %s", async (_, known) => {
    const { end } = await follow([
      snapshot(Phase.RUNNING, known),
      event(1n, "execution.suspended"),
      event(2n, "execution.resumed"),
      event(3n, "task.started"),
      snapshot(Phase.COMPLETED, 3n),
    ]);
    expect(end?.phase).toBe(Phase.COMPLETED);
  });

  test("waits on while it is paused", async () => {
    const { end, seen } = await follow([snapshot(Phase.PAUSED, 1n), event(1n, "execution.paused")]);
    expect({ end, seen }).toEqual({ end: undefined, seen: ["execution.paused"] });
  });
});

describe("requireGoing()", () => {
  test("a suspension is an error with its reason and the way on", () => {
    expect(() => requireGoing(execution(Phase.SUSPENDED, 1n))).toThrow(
      expect.objectContaining({
        reason: REASON,
        message: `Execution wex_1 is suspended: ${REASON}`,
        next: "stigmer resume wex_1",
        exitCode: 1,
      }),
    );
  });

  test("an end is none", () => {
    expect(() => requireGoing(execution(Phase.COMPLETED, 1n))).not.toThrow();
  });
});
