import type { ActivationEnd, Clock, DurableProgram, Json, RunEffect } from "@stigmer/durable";
import {
  createEngine,
  createMemoryDatabase,
  type Engine,
  type ExecutionSpec,
  type ResolveDefinition,
} from "@stigmer/server";
import { type EngineProcess, startEngineProcess } from "./engine-process.ts";

/** What a host is made of. */
export interface EngineHostParams {
  readonly programs: Readonly<Record<string, DurableProgram>>;
  readonly runEffect: RunEffect;
  /** Of the engine and of the runner. */
  readonly clock: Clock;
  readonly resolveDefinition: ResolveDefinition;
  /** The runner loses its stream every so many frames; default: never. */
  readonly framesToCut?: number;
}

/** An event of an execution's log. */
export interface LoggedEvent {
  readonly type: string;
  readonly data: Json;
}

/** Turns of the event loop without a frame after which nothing is under way: a frame's group takes two of them. */
const QUIET_TURNS = 5;

/** Final phases by their numbers. */
const COMPLETED = 6;
const FAULTED = 7;

/**
 * The product's engine, store and runner on one thread. Graces are long, because time may run a thousand times faster
 * than the event loop is used to; deaths are what the tests are about, so none are too many.
 */
export class EngineHost {
  readonly engine: Engine;
  readonly #params: EngineHostParams;
  readonly #database = createMemoryDatabase();
  #process: EngineProcess;
  #instances = 0;
  #frames = 0;

  constructor(params: EngineHostParams) {
    const { clock, resolveDefinition } = params;
    this.#params = params;
    this.engine = createEngine({
      store: this.#database.open(),
      clock: { now: () => clock.now(), after: (delayMs, fire) => clock.setTimer(clock.now() + delayMs, fire) },
      limits: {
        reclaimGraceMs: 250_000,
        blindGraceMs: 400_000,
        maxDeaths: 1000,
        aloneWaitMs: 5_000_000,
        aloneMs: 3_000_000,
      },
      resolveDefinition,
    });
    this.#process = this.#boot();
  }

  /** Kills the runner's process and starts another; the engine hears of it from the supervisor. */
  crash(): void {
    const { instance } = this.#process;
    this.#process.kill();
    this.#process = this.#boot();
    this.engine.runnerGone(instance);
  }

  /** Kills the runner's process for good. */
  close(): void {
    this.#process.kill();
  }

  /** Resolves with the end of an execution, or when it was suspended. */
  async ended(id: string): Promise<ActivationEnd> {
    for await (const update of this.engine.watch(id)) {
      if (update.kind === "event" && update.event.type === "execution.suspended") {
        const { reason, message } = this.engine.get(id) ?? { reason: "", message: "" };
        return { kind: "suspended", reason, message };
      }
    }
    const view = this.engine.get(id);
    if (view?.phase === COMPLETED) return { kind: "completed", output: JSON.parse(view.output ?? "null") };
    if (view?.phase === FAULTED) return { kind: "failed", failure: JSON.parse(view.error ?? "null") };
    return { kind: "cancelled" };
  }

  /** The event log of an execution as it stands on disk; undefined when there is no such execution. */
  events(id: string): readonly LoggedEvent[] | undefined {
    const view = this.engine.get(id);
    if (view === undefined) return undefined;
    return this.#database.read
      .prepare("select type, data from event where execution = ? order by seq")
      .all(view.no)
      .map(({ type, data }) => ({ type: String(type), data: JSON.parse(String(data)) }));
  }

  /** Resolves when no frame is under way and none follows by itself. */
  async quiet(): Promise<void> {
    let seen = this.#frames;
    for (let turns = 0; turns < QUIET_TURNS; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (seen !== this.#frames) turns = 0;
      seen = this.#frames;
    }
  }

  #countFrame(): void {
    this.#frames++;
    if (this.#frames % (this.#params.framesToCut ?? Number.POSITIVE_INFINITY) === 0)
      setImmediate(() => this.#process.cut());
  }

  #boot(): EngineProcess {
    const { clock, programs, runEffect } = this.#params;
    return startEngineProcess({
      engine: this.engine,
      instance: `runner-${++this.#instances}`,
      clock,
      programs,
      runEffect,
      onFrame: () => this.#countFrame(),
    });
  }
}

/** A spec that pins a definition and gives the program its further input. */
export function specOf(program: string, definition: string, input: ExecutionSpec["input"]): ExecutionSpec {
  return {
    program,
    namespace: "default",
    kind: "Workflow",
    name: program,
    digest: "",
    definition,
    input,
    subscriptions: [{}],
  };
}
