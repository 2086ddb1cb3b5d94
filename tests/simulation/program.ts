import { DeadlineError, type Durable, DurableFailure, type DurableProgram, type Json } from "@stigmer/durable";
import type { SeededChance } from "./random.ts";

/** One step of a simulated program. */
export type Step =
  | { readonly do: "effect"; readonly crash: "safe" | "repeat" | "unknown"; readonly ms: number; readonly size: number }
  | { readonly do: "both"; readonly ms: number }
  | { readonly do: "sleep"; readonly ms: number }
  | { readonly do: "listen"; readonly type: string }
  | { readonly do: "child"; readonly mode: "wait" | "detach"; readonly steps: readonly Step[] }
  | { readonly do: "emit"; readonly type: string }
  | { readonly do: "limit"; readonly ms: number; readonly step: Step };

/** Types of the events of a world. */
export const EVENT_TYPES = ["red", "blue"] as const;

/** A program by chance; `depth` bounds children of children. */
export function randomSteps(chance: SeededChance, depth: number): readonly Step[] {
  return Array.from({ length: chance.between(1, 4) }, () => randomStep(chance, depth));
}

function randomStep(chance: SeededChance, depth: number): Step {
  const kind = chance.pick([
    "effect",
    "effect",
    "effect",
    "both",
    "sleep",
    "listen",
    "child",
    "emit",
    "limit",
  ] as const);
  switch (kind) {
    case "effect": {
      const crash = chance.pick(["safe", "repeat", "unknown"] as const);
      const size = chance.happens(0.04) ? 270_000 : chance.happens(0.1) ? 3_000 : 0;
      return { do: "effect", crash, ms: chance.between(1, 300), size };
    }
    case "both":
      return { do: "both", ms: chance.between(1, 100) };
    case "sleep":
      return { do: "sleep", ms: chance.between(1, 2_000) };
    case "listen":
      return { do: "listen", type: chance.pick(EVENT_TYPES) };
    case "child":
      if (depth === 0) return { do: "sleep", ms: 10 };
      return { do: "child", mode: chance.pick(["wait", "wait", "detach"]), steps: randomSteps(chance, depth - 1) };
    case "emit":
      return { do: "emit", type: chance.pick(EVENT_TYPES) };
    case "limit":
      return { do: "limit", ms: chance.between(50, 500), step: randomStep(chance, depth) };
  }
}

/** Types that a program listens to, its own children left out. */
export function listenedTypes(steps: readonly Step[]): readonly string[] {
  const types = steps.flatMap((step) =>
    step.do === "listen" ? [step.type] : step.do === "limit" ? listenedTypes([step.step]) : [],
  );
  return [...new Set(types)];
}

/** Runs the steps of its definition; the output is a list with one value per step. */
export const simulatedProgram: DurableProgram = async (durable, input, restored) => {
  const { definition } = input as { definition: { steps: readonly Step[] } };
  const state = (restored ?? { next: 0, values: [] }) as { next: number; values: Json[] };
  const values = [...state.values];
  for (let i = state.next; i < definition.steps.length; i++) {
    const step = definition.steps[i];
    if (!step) break;
    durable.report({ type: "task.started", data: { step: i } });
    values.push(await runStep(durable, step, `s${i}`));
    durable.snapshot(() => ({ next: i + 1, values: [...values] }));
  }
  return values;
};

async function runStep(durable: Durable, step: Step, key: string): Promise<Json> {
  try {
    return await touch(durable, step, key);
  } catch (error) {
    if (error instanceof DurableFailure) return { failed: error.failure.title ?? error.failure.type };
    if (error instanceof DeadlineError) return { failed: "deadline" };
    throw error;
  }
}

async function touch(durable: Durable, step: Step, key: string): Promise<Json> {
  switch (step.do) {
    case "effect":
      return durable.effect({ key, kind: "touch", input: { ms: step.ms, size: step.size }, crash: step.crash });
    case "both":
      return Promise.all([
        durable.effect({ key: `${key}a`, kind: "touch", input: { ms: step.ms, size: 0 }, crash: "repeat" }),
        durable.effect({ key: `${key}b`, kind: "touch", input: { ms: step.ms * 2, size: 0 }, crash: "unknown" }),
      ]);
    case "sleep":
      await durable.sleepUntil({ key, dueAtMs: durable.now() + step.ms });
      return "slept";
    case "listen":
      return (await durable.receive({ key, match: (item) => isOfType(item.data, step.type) })).data;
    case "child":
      return durable.child({ key, program: "workflow", target: { steps: step.steps }, input: null, mode: step.mode });
    case "emit":
      return durable.effect({
        key,
        kind: "emit",
        input: { id: durable.uuid(), source: "sim", type: step.type },
        crash: "repeat",
      });
    case "limit":
      return durable.scope({ key: `${key}-limit`, deadlineAtMs: durable.now() + step.ms }, (scope) =>
        touch(scope, step.step, key),
      );
  }
}

function isOfType(data: Json, type: string): boolean {
  return typeof data === "object" && data !== null && "type" in data && data.type === type;
}
