import { type Channel, createRunner, type OpenChannel, type RunnerOptions } from "@stigmer/runner-link";
import { simulatedProgram } from "./program.ts";
import type { SeededChance } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** What a runner's process needs of its world. */
export interface SimRunnerParams {
  readonly instance: string;
  readonly capacity: number;
  readonly timeline: Timeline;
  readonly chance: SeededChance;
  /** Wall clock, epoch ms. */
  readonly wallMs: () => number;
  readonly runEffect: RunnerOptions["runEffect"];
  readonly openChannel: OpenChannel;
}

/** A process that can die: nothing of it happens afterwards. */
export interface SimRunner {
  readonly instance: string;
  readonly isAlive: () => boolean;
  kill(): void;
}

/** Starts the product's own runner in a process of the world. */
export function startSimRunner(params: SimRunnerParams): SimRunner {
  const { instance, timeline, chance } = params;
  let isAlive = true;
  let channel: Channel | undefined;
  const whileAlive = (act: () => void): (() => void) => {
    return () => {
      if (isAlive) act();
    };
  };
  const runner = createRunner({
    component: "workflow-runner",
    instance,
    version: "1",
    capacity: params.capacity,
    programs: { workflow: { program: simulatedProgram, minVersion: 1, maxVersion: 1 } },
    runEffect: (call, context) => untilDeath(params.runEffect(call, context), () => isAlive),
    resolveSecrets: async () => ({}),
    log: { info: () => {}, warn: () => {} },
    openChannel: (listener) => {
      channel = params.openChannel({
        onFrame: (frame) => whileAlive(() => listener.onFrame(frame))(),
        onClose: (error) => whileAlive(() => listener.onClose(error))(),
      });
      return channel;
    },
    surroundings: {
      now: params.wallMs,
      setTimer: (atMs, fire) => wallTimer(params, atMs, whileAlive(fire)),
      settle: (done) => void timeline.after(0, whileAlive(done)),
      endOfTurn: (act) => void timeline.after(0, whileAlive(act)),
      stopwatch: () => 0,
      cpuMs: () => 0,
      random: () => chance.next(),
      seed: () => "0".repeat(32),
    },
  });
  runner.start();
  return {
    instance,
    isAlive: () => isAlive,
    kill: () => {
      isAlive = false;
      void channel?.close();
    },
  };
}

/** An effect of a dead process gives nothing any more. */
function untilDeath<T>(effect: Promise<T>, isAlive: () => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    effect.then(
      (value) => isAlive() && resolve(value),
      (error: unknown) => isAlive() && reject(error),
    );
  });
}

/** Longest time that a timer of a process sleeps before it looks at the wall clock again, virtual ms. */
const LOOK_MS = 500;

/** Timers follow the wall clock, which may jump. */
function wallTimer({ timeline, wallMs }: SimRunnerParams, atMs: number, fire: () => void): () => void {
  let disarm = (): void => {};
  const arm = (): void => {
    disarm = timeline.after(Math.min(LOOK_MS, Math.max(0, atMs - wallMs())), () => (wallMs() >= atMs ? fire() : arm()));
  };
  arm();
  return () => disarm();
}
