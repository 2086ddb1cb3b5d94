import {
  CancelledError,
  DeadlineError,
  type Durable,
  DurableFailure,
  type DurableProgram,
  type Json,
} from "./index.ts";

/** A program of the corpus with what it must give on every host, crashed and restored anywhere. */
export interface CorpusProgram {
  readonly program: DurableProgram;
  readonly input: Json;
  readonly output: Json;
  /** Types of the reported events in order, where the program forces one. */
  readonly reports?: readonly string[];
}

const call = (durable: Durable, key: string, input: Json, crash: "safe" | "repeat" = "repeat") =>
  durable.effect({ key, kind: "echo", input, crash });

/** Ten effects in a row, each using the result before it; offers a safe point after each. */
const sequence: DurableProgram = async (durable, input, restored) => {
  let { sum, at } = (restored ?? { sum: 0, at: 0 }) as { sum: number; at: number };
  while (at < Number(input)) {
    sum += Number(await call(durable, `step-${at}`, at + 1));
    at++;
    durable.report({ type: "step", data: { at, sum } });
    durable.snapshot(() => ({ sum, at }));
  }
  return sum;
};

/** Branches with effects and timers, each with state of its own. */
const parallel: DurableProgram = async (durable, _input, restored) => {
  const state = (restored ?? { a: 0, b: 0, c: 0 }) as { a: number; b: number; c: number };
  const branch = async (name: "a" | "b" | "c", until: number) => {
    while (state[name] < until) {
      const n = state[name] + 1;
      if (name === "c") await durable.sleepUntil({ key: `c-${n}`, dueAtMs: durable.now() + 10 });
      else await call(durable, `${name}-${n}`, n);
      state[name] = n;
      durable.snapshot(() => ({ ...state }));
    }
    return state[name];
  };
  return Promise.all([branch("a", 4), branch("b", 3), branch("c", 3)]);
};

/** A loop of waits whose deadlines come from the recorded time. */
const timers: DurableProgram = async (durable, _input, restored) => {
  let { round, elapsed } = (restored ?? { round: 0, elapsed: 0 }) as { round: number; elapsed: number };
  while (round < 4) {
    const before = durable.now();
    await durable.sleepUntil({ key: `wait-${round}`, dueAtMs: before + 1000 });
    round++;
    elapsed = round * 1000;
    durable.report({ type: "woken", data: round });
    durable.snapshot(() => ({ round, elapsed }));
  }
  return elapsed;
};

/** The first branch that ends wins; what the others still do is cancelled. */
const race: DurableProgram = async (durable) => {
  const seen: Json[] = [];
  const result = await durable.scope({ key: "race" }, async (scope) => {
    const winner = await Promise.race([
      scope.sleepUntil({ key: "slow", dueAtMs: durable.now() + 60_000 }).then(() => "slow"),
      scope.sleepUntil({ key: "quick", dueAtMs: durable.now() + 1000 }).then(() => "quick"),
      scope.receive({ key: "never", match: () => false }).then(() => "never"),
    ]).finally(() => scope.cancel());
    const late = await scope.effect({ key: "late", kind: "echo", input: 1, crash: "repeat" }).catch((error) => error);
    seen.push(late instanceof CancelledError);
    return winner;
  });
  return [result, ...seen, await call(durable, "after", "after")];
};

/** Deadlines: nested scopes, the inner one passes first; a scope that ends in time closes its timer. */
const deadlines: DurableProgram = async (durable) => {
  const start = durable.now();
  const outcomes: Json[] = [];
  await durable
    .scope({ key: "outer", deadlineAtMs: start + 5000 }, async (outer) => {
      await outer
        .scope({ key: "inner", deadlineAtMs: start + 1000 }, (inner) =>
          inner.sleepUntil({ key: "long", dueAtMs: start + 60_000 }),
        )
        .catch((error) => {
          if (!(error instanceof DeadlineError)) throw error;
          outcomes.push(error.key);
        });
      await outer.receive({ key: "nothing", match: () => false });
    })
    .catch((error) => outcomes.push(error instanceof DeadlineError ? error.key : "wrong"));
  outcomes.push(
    await durable.scope({ key: "in-time", deadlineAtMs: start + 99_000_000 }, (scope) => call(scope, "quick", "quick")),
  );
  outcomes.push(durable.now() - start >= 5000);
  return outcomes;
};

/** Chance: equal on every replay, also behind a safe point. */
const chance: DurableProgram = async (durable, _input, restored) => {
  const first = (restored ?? { numbers: [durable.random()], id: durable.uuid() }) as { numbers: number[]; id: string };
  const numbers = [...first.numbers];
  for (let i = numbers.length; i < 5; i++) {
    const number = durable.random();
    await call(durable, `draw-${i}-${number}`, number);
    numbers.push(number);
    durable.snapshot(() => ({ numbers: [...numbers], id: first.id }));
  }
  const isUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(first.id);
  const isUniform = numbers.every((n) => n >= 0 && n < 1) && new Set(numbers).size === numbers.length;
  return [isUuid, isUniform, numbers.length];
};

/** Failures are answers too: caught, they are recorded like every other. */
const failures: DurableProgram = async (durable) => {
  const failed = await durable
    .effect({ key: "fails", kind: "fail", input: { status: 503 }, crash: "repeat" })
    .catch((error) => (error instanceof DurableFailure ? error.failure.status : -1));
  const retried = await durable.effect({
    key: "flaky",
    kind: "flaky",
    input: 3,
    crash: "repeat",
    retry: { maxAttempts: 5, initialDelayMs: 10, coefficient: 2, maxDelayMs: 1000 },
  });
  return [Number(failed), retried];
};

/** Two children that are waited for, one that is not, one that fails. */
const children: DurableProgram = async (durable) => {
  const child = (key: string, program: string, input: Json, mode: "wait" | "detach" = "wait") =>
    durable.child({ key, program, target: null, input, mode });
  const [a, b] = await Promise.all([child("a", "sequence", 3), child("b", "sequence", 4)]);
  const detached = await child("c", "sequence", 1, "detach");
  const failed = await child("d", "fails", null).catch((error) =>
    error instanceof DurableFailure ? error.failure.status : -1,
  );
  const hasId =
    typeof detached === "object" && detached !== null && "id" in detached && typeof detached.id === "string";
  return [a ?? null, b ?? null, hasId, Number(failed)];
};

/** Fails with a failure of its own. */
const fails: DurableProgram = async () => {
  throw new DurableFailure({ type: "https://example.com/errors/broken", status: 418, title: "broken" });
};

/** Many reports between few entries: none is lost, none is doubled. */
const reports: DurableProgram = async (durable) => {
  for (let i = 0; i < 3; i++) {
    durable.report({ type: `before-${i}`, data: i });
    await call(durable, `r-${i}`, i, i === 1 ? "safe" : "repeat");
    durable.report({ type: `after-${i}`, data: i });
    durable.report({ type: `done-${i}`, data: i });
  }
  return null;
};

/**
 * Two branches wait for the same answer; one takes a snapshot before the other has heard it. Restored, the other asks
 * again and must get that answer, not another one.
 */
const unheard =
  (ask: (durable: Durable) => Promise<Json>): DurableProgram =>
  async (durable, _input, restored) => {
    const state = (restored ?? { quick: null, slow: null }) as { quick: Json; slow: Json };
    const offer = () => durable.snapshot(() => ({ ...state }));
    if (restored !== undefined) offer();
    const shared = state.quick === null || state.slow === null ? ask(durable) : Promise.resolve(null);
    const quick = async () => {
      if (state.quick !== null) return;
      state.quick = await shared;
      offer();
    };
    const slow = async () => {
      if (state.slow !== null) return;
      const heard = await shared.then((value) => value).then((value) => value);
      await Promise.resolve().then(() => {});
      state.slow = heard;
    };
    await Promise.all([quick(), slow()]);
    await call(durable, "after", 1);
    return state.quick === state.slow;
  };

/** A child is waited for while another branch passes safe points. */
const besideChild: DurableProgram = async (durable, _input, restored) => {
  const state = (restored ?? { at: 0, child: null }) as { at: number; child: Json };
  const wait = async () => {
    if (state.child !== null) return;
    const started = { key: "beside", program: "sleeper", target: null, input: 5000, mode: "wait" } as const;
    state.child = await durable.child(started);
  };
  const work = async () => {
    while (state.at < 4) {
      await call(durable, `work-${state.at}`, state.at);
      state.at++;
      durable.snapshot(() => ({ ...state }));
    }
  };
  await Promise.all([wait(), work()]);
  return [state.child, state.at];
};

/** Sleeps and says how long. */
const sleeper: DurableProgram = async (durable, input) => {
  await durable.sleepUntil({ key: "sleep", dueAtMs: durable.now() + Number(input) });
  return input;
};

/** Programs that give the same on every host, however often they are killed, replayed and restored. */
export const CORPUS: Readonly<Record<string, CorpusProgram>> = {
  sequence: { program: sequence, input: 10, output: 55, reports: Array.from({ length: 10 }, () => "step") },
  parallel: { program: parallel, input: null, output: [4, 3, 3] },
  timers: { program: timers, input: null, output: 4000, reports: ["woken", "woken", "woken", "woken"] },
  race: { program: race, input: null, output: ["quick", true, "after"] },
  deadlines: { program: deadlines, input: null, output: ["inner", "outer", "quick", true] },
  chance: { program: chance, input: null, output: [true, true, 5] },
  failures: { program: failures, input: null, output: [503, 3] },
  children: { program: children, input: null, output: [6, 10, true, 418] },
  unheardResult: {
    program: unheard((durable) => durable.effect({ key: "shared", kind: "count", input: null, crash: "repeat" })),
    input: null,
    output: true,
  },
  unheardTimer: {
    program: unheard(async (durable) => {
      await durable.sleepUntil({ key: "shared", dueAtMs: durable.now() + 1000 });
      return "fired";
    }),
    input: null,
    output: true,
  },
  unheardChild: {
    program: unheard((durable) =>
      durable.child({ key: "shared", program: "sleeper", target: null, input: 100, mode: "wait" }),
    ),
    input: null,
    output: true,
  },
  besideChild: { program: besideChild, input: null, output: [5000, 4] },
  reports: {
    program: reports,
    input: null,
    output: null,
    reports: [0, 1, 2].flatMap((i) => [`before-${i}`, `after-${i}`, `done-${i}`]),
  },
};

/** Programs that the corpus starts as children. */
export const CHILD_PROGRAMS: Readonly<Record<string, DurableProgram>> = { fails, sleeper };
