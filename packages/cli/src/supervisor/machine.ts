/** What the supervisor keeps alive, in the order it starts them. */
export const COMPONENTS = ["server", "workflow-runner", "agent-runner"] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** Life of one component as the supervisor sees it. */
export type ComponentPhase = "waiting" | "starting" | "ready" | "backoff" | "degraded" | "stopping" | "stopped";

/** One component's part of the state. */
export interface ComponentState {
  readonly phase: ComponentPhase;
  /** Times of unexpected ends inside the sliding window, epoch ms, oldest first. */
  readonly endedAt: readonly number[];
  /** Unexpected ends since the last time it was ready for a whole window. */
  readonly restarts: number;
  /** Why it is not ready, in words. */
  readonly reason?: string;
}

/** The whole state of the machine; plain data. */
export interface PlatformState {
  readonly phase: "starting" | "running" | "stopping" | "stopped";
  readonly components: Readonly<Record<ComponentName, ComponentState>>;
}

/** What happened. `at` is epoch ms. */
export type SupervisorEvent =
  | { readonly kind: "start"; readonly at: number }
  | { readonly kind: "ready"; readonly component: ComponentName; readonly at: number }
  | { readonly kind: "ended"; readonly component: ComponentName; readonly at: number; readonly end: ProcessEnd }
  | { readonly kind: "timer"; readonly component: ComponentName; readonly purpose: TimerPurpose; readonly at: number }
  /** Running effects get `graceMs`; a second stop without any ends the wait of the first. */
  | { readonly kind: "stop"; readonly at: number; readonly graceMs: number };

/**
 * How a process ended, from its exit code: a restart helps after a `crash`, may help later when the obstacle is
 * `temporary` (a port in use), and cannot help when it is `permanent` (a wrong configuration).
 */
export interface ProcessEnd {
  readonly kind: "crash" | "temporary" | "permanent";
  readonly reason: string;
}

/** What an armed timer is for. */
export type TimerPurpose = "restart" | "start-deadline" | "stop-deadline";

/** What the shell must do now. */
export type SupervisorAction =
  | { readonly kind: "spawn"; readonly component: ComponentName }
  | { readonly kind: "terminate"; readonly component: ComponentName; readonly graceMs: number }
  | { readonly kind: "kill"; readonly component: ComponentName }
  | {
      readonly kind: "arm";
      readonly component: ComponentName;
      readonly purpose: TimerPurpose;
      readonly afterMs: number;
    }
  | { readonly kind: "disarm"; readonly component: ComponentName }
  | { readonly kind: "finish"; readonly failed?: string };

/** Delays and limits, ms. `jitter` gives a number in [0, 1). */
export interface SupervisorPolicy {
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** So many ends within `windowMs` make a component degraded. */
  readonly maxEndsInWindow: number;
  readonly windowMs: number;
  readonly degradedRetryMs: number;
  readonly startDeadlineMs: number;
  /** How long a component may take to end, beyond the grace of its effects. */
  readonly stopDeadlineMs: number;
  readonly jitter: () => number;
}

/** The policy of the product. */
export const DEFAULT_POLICY: SupervisorPolicy = {
  firstBackoffMs: 50,
  maxBackoffMs: 10_000,
  maxEndsInWindow: 6,
  windowMs: 60_000,
  degradedRetryMs: 30_000,
  startDeadlineMs: 30_000,
  stopDeadlineMs: 8_000,
  jitter: Math.random,
};

/** What one event leads to. */
export interface Transition {
  readonly state: PlatformState;
  readonly actions: readonly SupervisorAction[];
}

/** The state before anything runs. */
export function initialState(): PlatformState {
  const waiting: ComponentState = { phase: "waiting", endedAt: [], restarts: 0 };
  return {
    phase: "starting",
    components: { server: waiting, "workflow-runner": waiting, "agent-runner": waiting },
  };
}

/** The supervisor's whole behaviour: one event in, the next state and what to do out. Pure. */
export function step(state: PlatformState, event: SupervisorEvent, policy: SupervisorPolicy): Transition {
  if (state.phase === "stopped") return { state, actions: [] };
  switch (event.kind) {
    case "start":
      return startComponent({ state, actions: [] }, "server", policy);
    case "ready":
      return becomeReady(state, event.component, policy);
    case "ended":
      return componentEnded(state, event, policy);
    case "timer":
      return timerFired(state, event, policy);
    case "stop":
      return state.phase === "stopping"
        ? hurry(state, event.graceMs, policy)
        : stopNext({ state: { ...state, phase: "stopping" }, actions: [] }, policy, event.graceMs);
  }
}

function becomeReady(state: PlatformState, component: ComponentName, policy: SupervisorPolicy): Transition {
  if (state.components[component].phase !== "starting") return { state, actions: [] };
  let next: Transition = {
    state: withComponent(state, component, { ...withoutReason(state.components[component]), phase: "ready" }),
    actions: [{ kind: "disarm", component }],
  };
  if (component === "server") {
    for (const runner of COMPONENTS) {
      if (next.state.components[runner].phase === "waiting") next = startComponent(next, runner, policy);
    }
  }
  const isWhole = COMPONENTS.every((name) => next.state.components[name].phase === "ready");
  return isWhole ? { ...next, state: { ...next.state, phase: "running" } } : next;
}

function componentEnded(
  state: PlatformState,
  event: Extract<SupervisorEvent, { kind: "ended" }>,
  policy: SupervisorPolicy,
): Transition {
  const { component, at, end } = event;
  const known = state.components[component];
  const disarm: SupervisorAction = { kind: "disarm", component };
  if (state.phase === "stopping" || known.phase === "stopping") {
    const stopped = withComponent(state, component, { ...known, phase: "stopped" });
    return stopNext({ state: stopped, actions: [disarm] }, policy);
  }
  const endedAt = [...known.endedAt.filter((time) => time > at - policy.windowMs), at];
  const isDegraded = end.kind === "permanent" || endedAt.length >= policy.maxEndsInWindow;
  if (component === "server" && state.phase === "starting" && (isDegraded || end.kind === "temporary")) {
    // A server that never served ends the whole start: its reason is the answer to `up`.
    const stopped = withComponent(state, component, { ...known, phase: "stopped", reason: end.reason });
    const ending = stopNext({ state: { ...stopped, phase: "stopping" }, actions: [disarm] }, policy);
    return { ...ending, actions: ending.actions.map((action) => failedFinish(action, end.reason)) };
  }
  const next: ComponentState = {
    phase: isDegraded ? "degraded" : "backoff",
    endedAt,
    restarts: known.restarts + 1,
    reason: end.reason,
  };
  const afterMs = isDegraded ? policy.degradedRetryMs : backoffMs(endedAt.length, policy);
  return {
    state: withComponent(state, component, next),
    actions: [disarm, { kind: "arm", component, purpose: "restart", afterMs }],
  };
}

function timerFired(
  state: PlatformState,
  event: Extract<SupervisorEvent, { kind: "timer" }>,
  policy: SupervisorPolicy,
): Transition {
  const { component, purpose } = event;
  const { phase } = state.components[component];
  switch (purpose) {
    case "restart":
      return phase === "backoff" || phase === "degraded"
        ? startComponent({ state, actions: [] }, component, policy)
        : { state, actions: [] };
    case "start-deadline":
      return { state, actions: phase === "starting" ? [{ kind: "kill", component }] : [] };
    case "stop-deadline":
      return { state, actions: phase === "stopping" ? [{ kind: "kill", component }] : [] };
  }
}

function startComponent(before: Transition, component: ComponentName, policy: SupervisorPolicy): Transition {
  const starting: ComponentState = { ...before.state.components[component], phase: "starting" };
  return {
    state: withComponent(before.state, component, starting),
    actions: [
      ...before.actions,
      { kind: "spawn", component },
      { kind: "arm", component, purpose: "start-deadline", afterMs: policy.startDeadlineMs },
    ],
  };
}

/** Only the wish for no grace at all can shorten a stop that is under way. */
function hurry(state: PlatformState, graceMs: number, policy: SupervisorPolicy): Transition {
  if (graceMs > 0) return { state, actions: [] };
  const stopping = COMPONENTS.filter((name) => state.components[name].phase === "stopping");
  return { state, actions: stopping.flatMap((component) => terminate(component, 0, policy)) };
}

/** The signal, and how long it may take: the grace for running effects, then the component's own end. */
function terminate(component: ComponentName, graceMs: number, policy: SupervisorPolicy): readonly SupervisorAction[] {
  return [
    { kind: "terminate", component, graceMs },
    { kind: "arm", component, purpose: "stop-deadline", afterMs: policy.stopDeadlineMs + graceMs },
  ];
}

/** Ends the components in reverse order: all runners together, with the grace for their effects, then the server. */
function stopNext(before: Transition, policy: SupervisorPolicy, graceMs = 0): Transition {
  let { state } = before;
  const actions = [...before.actions];
  const isUp = (name: ComponentName) => ["starting", "ready", "stopping"].includes(state.components[name].phase);
  const runners = COMPONENTS.filter((name) => name !== "server");
  const batch = runners.some(isUp) ? runners : (["server"] as const);
  for (const component of batch) {
    const known = state.components[component];
    if (known.phase === "stopping") continue;
    if (!isUp(component)) {
      actions.push({ kind: "disarm", component });
      state = withComponent(state, component, { ...known, phase: "stopped" });
      continue;
    }
    state = withComponent(state, component, { ...known, phase: "stopping" });
    actions.push(...terminate(component, component === "server" ? 0 : graceMs, policy));
  }
  if (COMPONENTS.some(isUp)) return { state, actions };
  const stopped = COMPONENTS.reduce(
    (all, name) => withComponent(all, name, { ...all.components[name], phase: "stopped" }),
    state,
  );
  return { state: { ...stopped, phase: "stopped" }, actions: [...actions, { kind: "finish" }] };
}

function failedFinish(action: SupervisorAction, failed: string): SupervisorAction {
  return action.kind === "finish" ? { ...action, failed } : action;
}

function backoffMs(endsInWindow: number, policy: SupervisorPolicy): number {
  const grown = Math.min(policy.firstBackoffMs * 2 ** (endsInWindow - 1), policy.maxBackoffMs);
  return Math.round(grown * (1 + policy.jitter() / 4));
}

function withComponent(state: PlatformState, name: ComponentName, component: ComponentState): PlatformState {
  return { ...state, components: { ...state.components, [name]: component } };
}

function withoutReason({ phase, endedAt, restarts }: ComponentState): ComponentState {
  return { phase, endedAt, restarts };
}
