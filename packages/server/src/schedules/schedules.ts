import { isStigmerError, type StigmerError } from "@stigmer/api";
import { nextOccurrence, type Schedule } from "@stigmer/dsl";
import type { Clock } from "../engine/clock.ts";
import type { Engine } from "../engine/engine.ts";
import type { ScheduleClaim } from "../store/commands-schedules.ts";
import { PHASE } from "../store/engine/execution-row.ts";
import type { Store } from "../store/store.ts";
import { pinListener, pinRun } from "./pin-scheduled.ts";
import { momentAfter } from "./schedule-plan.ts";

/** What schedules work with. */
export interface SchedulesOptions {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: Clock;
  /** Takes what went wrong unexpectedly; the next look tries again. */
  readonly onError: (error: unknown) => void;
}

/** Longest time between two looks, ms: bounds how late a run starts after the end of another, or a jump of the clock. */
const LOOK_MS = 1_000;

/** How many due schedules one look takes. */
const BATCH = 100;

interface DueRow {
  readonly resource: number;
  readonly spec: string;
  readonly next_due_at: number;
}

/**
 * Starts workflows by their schedules. Everything that is planned is on disk, so a server that was down starts what it
 * missed, once per schedule.
 */
export class Schedules {
  readonly #options: SchedulesOptions;
  #disarm: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  /** Replaces listeners that ended while nobody looked, then begins to look. */
  async start(): Promise<void> {
    await this.#renewListeners();
    await this.look();
  }

  /** Looks now for everything that is owed; resolves when it is on disk. */
  look(): Promise<void> {
    this.#running = this.#running.then(() => this.#lookOnce()).catch((error) => this.#options.onError(error));
    return this.#running;
  }

  /** Resolves when nothing is being started any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#disarm?.();
    await this.#running;
  }

  async #lookOnce(): Promise<void> {
    if (this.#isStopped) return;
    this.#disarm?.();
    let shortestMs = LOOK_MS;
    try {
      await this.#dropOrphans();
      await this.#startListeners();
      if (await this.#startDue()) shortestMs = 0;
    } finally {
      this.#sleep(shortestMs);
    }
  }

  #sleep(shortestMs: number): void {
    if (this.#isStopped) return;
    const { store, clock } = this.#options;
    const next = store.read.get<{ readonly at: number | null }>("select min(next_due_at) as at from schedule")?.at;
    const delayMs = next === null || next === undefined ? LOOK_MS : Math.max(shortestMs, next - clock.now());
    this.#disarm = clock.after(Math.min(LOOK_MS, delayMs), () => void this.look());
  }

  /** Whether everything that was taken is done, so that the rest may follow at once. */
  async #startDue(): Promise<boolean> {
    const { store, clock } = this.#options;
    const due = store.read.all<DueRow>(
      "select resource, spec, next_due_at from schedule where next_due_at <= ? order by next_due_at limit ?",
      clock.now(),
      BATCH,
    );
    const done = await Promise.all(due.map((row) => this.#startRun(row)));
    return !done.includes(false);
  }

  async #startRun({ resource, spec: text, next_due_at: dueAtMs }: DueRow): Promise<boolean> {
    const { store, engine, clock } = this.#options;
    const schedule: Schedule = JSON.parse(text);
    const nextDueAtMs = momentAfter(schedule, dueAtMs, clock.now());
    try {
      const spec = pinRun(store.read, resource, dueAtMs);
      const claim: ScheduleClaim = { kind: "due", dueAtMs, nextDueAtMs };
      if (spec !== undefined) await engine.startScheduled({ spec, resource, claim });
      return true;
    } catch (error) {
      if (!isStigmerError(error)) throw error;
      if (error.reason === "SERVER_STOPPING" || error.reason === "OVERLOADED") return false;
      // `after` has no run to wait for then, so it counts from now.
      const { after } = schedule;
      const again = after === undefined ? nextDueAtMs : (nextOccurrence({ after }, clock.now()) ?? null);
      await store.write("skipScheduled", { resource, dueAtMs, nextDueAtMs: again, error: textOf(error) });
      return true;
    }
  }

  async #startListeners(): Promise<void> {
    const rows = this.#options.store.read.all<{ readonly resource: number; readonly spec: string }>(
      "select resource, spec from schedule where listens = 1 and listener = ''",
    );
    for (const { resource, spec } of rows) await this.#startListener(resource, spec);
  }

  async #startListener(resource: number, text: string): Promise<void> {
    const { store, engine } = this.#options;
    try {
      const spec = pinListener(store.read, resource, JSON.parse(text));
      if (spec !== undefined) await engine.startScheduled({ spec, resource, claim: { kind: "listener", spec: text } });
    } catch (error) {
      if (!isStigmerError(error)) throw error;
      await store.write("blameSchedule", { resource, error: textOf(error) });
    }
  }

  async #dropOrphans(): Promise<void> {
    const { store, engine } = this.#options;
    for (const { execution } of store.read.all<{ readonly execution: string }>(
      "select execution from schedule_orphan",
    )) {
      if (engine.get(execution) !== undefined) {
        await engine.cancel({ id: execution, reason: "its schedule was changed or removed" });
      }
      await store.write("forgetOrphan", { execution });
    }
  }

  async #renewListeners(): Promise<void> {
    const { store, engine } = this.#options;
    const rows = store.read.all<{ readonly listener: string }>("select listener from schedule where listener <> ''");
    for (const { listener } of rows) {
      if ((engine.get(listener)?.phase ?? PHASE.cancelled) < PHASE.completed) continue;
      await store.write("forgetListener", { execution: listener });
    }
  }
}

function textOf(error: StigmerError): string {
  return `${error.reason}: ${error.message}`;
}
