import { describe, expect, test } from "vitest";
import {
  COMPONENTS,
  DEFAULT_POLICY,
  initialState,
  type PlatformState,
  type SupervisorAction,
  type SupervisorEvent,
  step,
} from "./machine.ts";

const policy = { ...DEFAULT_POLICY, jitter: () => 0 };

/** Runs events through the machine and collects everything it asked for. */
function drive(events: readonly SupervisorEvent[], from: PlatformState = initialState()) {
  let state = from;
  const actions: SupervisorAction[] = [];
  for (const event of events) {
    const next = step(state, event, policy);
    state = next.state;
    actions.push(...next.actions);
  }
  return { state, actions };
}

const start: SupervisorEvent = { kind: "start", at: 0 };
const ready = (component: (typeof COMPONENTS)[number]): SupervisorEvent => ({ kind: "ready", component, at: 1 });
const ended = (
  component: (typeof COMPONENTS)[number],
  kind: "crash" | "temporary" | "permanent" = "crash",
  at = 2,
): SupervisorEvent => ({ kind: "ended", component, at, end: { kind, reason: "because" } });
const whole = drive([start, ready("server"), ready("workflow-runner"), ready("agent-runner")]).state;

function spawns(actions: readonly SupervisorAction[]): readonly string[] {
  return actions.flatMap((action) => (action.kind === "spawn" ? [action.component] : []));
}

describe("step()", () => {
  test("starts the server first and the runners when it is ready", () => {
    expect(spawns(drive([start]).actions)).toEqual(["server"]);
    expect(spawns(drive([start, ready("server")]).actions)).toEqual(["server", "workflow-runner", "agent-runner"]);
    expect(whole.phase).toBe("running");
  });

  test("restarts a crashed runner after a growing delay and leaves the others alone", () => {
    const first = drive([ended("workflow-runner")], whole);
    expect(first.state.components["workflow-runner"]).toMatchObject({ phase: "backoff", reason: "because" });
    expect(first.actions).toContainEqual({
      kind: "arm",
      component: "workflow-runner",
      purpose: "restart",
      afterMs: policy.firstBackoffMs,
    });
    const again = drive(
      [
        { kind: "timer", component: "workflow-runner", purpose: "restart", at: 3 },
        ended("workflow-runner", "crash", 4),
      ],
      first.state,
    );
    expect(spawns(again.actions)).toEqual(["workflow-runner"]);
    expect(again.actions).toContainEqual(expect.objectContaining({ kind: "arm", afterMs: policy.firstBackoffMs * 2 }));
  });

  test("calls a component degraded after too many ends in the window, and tries on slowly", () => {
    let { state } = drive([], whole);
    for (let n = 0; n < policy.maxEndsInWindow; n++) {
      state = drive([ended("agent-runner", "crash", 10 + n)], state).state;
      if (n < policy.maxEndsInWindow - 1) {
        state = drive([{ kind: "timer", component: "agent-runner", purpose: "restart", at: 10 + n }], state).state;
      }
    }
    expect(state.components["agent-runner"].phase).toBe("degraded");
    expect(
      spawns(drive([{ kind: "timer", component: "agent-runner", purpose: "restart", at: 99 }], state).actions),
    ).toEqual(["agent-runner"]);
  });

  test("forgets ends that are older than the window", () => {
    let state = drive([], whole).state;
    for (let n = 0; n < 2 * policy.maxEndsInWindow; n++) {
      const at = n * policy.windowMs;
      state = drive([ended("agent-runner", "crash", at)], state).state;
      expect(state.components["agent-runner"].phase).toBe("backoff");
      state = drive([{ kind: "timer", component: "agent-runner", purpose: "restart", at }], state).state;
    }
  });

  test.each(["temporary", "permanent"] as const)("a %s end of a server that never served ends the start", (kind) => {
    const { state, actions } = drive([start, ended("server", kind)]);
    expect(state.phase).toBe("stopped");
    expect(actions).toContainEqual({ kind: "finish", failed: "because" });
  });

  test("a server that crashes while it starts is tried again", () => {
    expect(drive([start, ended("server")]).state.components.server.phase).toBe("backoff");
  });

  test("kills a component that does not become ready in time", () => {
    const late: SupervisorEvent = { kind: "timer", component: "server", purpose: "start-deadline", at: 9 };
    expect(drive([start, late]).actions).toContainEqual({ kind: "kill", component: "server" });
    expect(drive([late], whole).actions).toEqual([]);
  });

  test("stops the runners first, then the server, then finishes", () => {
    const first = drive([{ kind: "stop", at: 5, graceMs: 30_000 }], whole);
    const terminated = first.actions.flatMap((action) => (action.kind === "terminate" ? [action.component] : []));
    expect(terminated).toEqual(["workflow-runner", "agent-runner"]);
    const second = drive([ended("workflow-runner"), ended("agent-runner")], first.state);
    expect(second.actions).toContainEqual({ kind: "terminate", component: "server", graceMs: 0 });
    const third = drive([ended("server")], second.state);
    expect(third.actions).toContainEqual({ kind: "finish" });
    expect(third.state.phase).toBe("stopped");
  });

  test("kills what does not stop in time", () => {
    const stopping = drive([{ kind: "stop", at: 5, graceMs: 30_000 }], whole).state;
    const late: SupervisorEvent = { kind: "timer", component: "agent-runner", purpose: "stop-deadline", at: 9 };
    expect(drive([late], stopping).actions).toEqual([{ kind: "kill", component: "agent-runner" }]);
  });

  test("gives the effects of runners their grace, and the deadline covers it", () => {
    const { actions } = drive([{ kind: "stop", at: 5, graceMs: 30_000 }], whole);
    const component = "workflow-runner";
    expect(actions).toContainEqual({ kind: "terminate", component, graceMs: 30_000 });
    const afterMs = policy.stopDeadlineMs + 30_000;
    expect(actions).toContainEqual({ kind: "arm", component, purpose: "stop-deadline", afterMs });
  });

  test("a second stop without any grace ends the wait of the first", () => {
    const stopping = drive([{ kind: "stop", at: 5, graceMs: 30_000 }], whole).state;
    const { actions } = drive([{ kind: "stop", at: 6, graceMs: 0 }], stopping);
    expect(actions).toContainEqual({ kind: "terminate", component: "agent-runner", graceMs: 0 });
    const afterMs = policy.stopDeadlineMs;
    expect(actions).toContainEqual({ kind: "arm", component: "agent-runner", purpose: "stop-deadline", afterMs });
  });

  test("a second stop with a grace changes nothing", () => {
    const stopping = drive([{ kind: "stop", at: 5, graceMs: 30_000 }], whole).state;
    expect(drive([{ kind: "stop", at: 6, graceMs: 30_000 }], stopping)).toEqual({ state: stopping, actions: [] });
  });

  test("from every state that events can reach, stop ends everything exactly once", () => {
    const events: SupervisorEvent[] = COMPONENTS.flatMap((component) => [
      ready(component),
      ended(component),
      ended(component, "temporary"),
      { kind: "timer" as const, component, purpose: "restart" as const, at: 3 },
      { kind: "timer" as const, component, purpose: "start-deadline" as const, at: 3 },
    ]);
    let seed = 7;
    const next = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed;
    };
    for (let round = 0; round < 500; round++) {
      let { state } = drive([start]);
      for (let n = 0; n < next() % 12; n++) state = drive([events[next() % events.length] ?? start], state).state;
      if (state.phase === "stopped") continue;
      const stop = drive([{ kind: "stop", at: 50, graceMs: 0 }], state);
      const all = drive([ended("workflow-runner"), ended("agent-runner"), ended("server")], stop.state);
      const finishes = [...stop.actions, ...all.actions].filter((action) => action.kind === "finish");
      expect(all.state.phase).toBe("stopped");
      expect(finishes).toHaveLength(1);
    }
  });
});
