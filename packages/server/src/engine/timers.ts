import type { Scheduler } from "./scheduler.ts";

interface DueRow {
  readonly due_at: number;
  readonly execution: number;
}

/** Longest sleep between two looks at the wall clock, so that a jump or a sleep of the machine is noticed. */
const LOOK_MS = 1_000;

/** How many timers fire before the next are read. */
const BATCH = 256;

/** Fires timers of parked executions: late rather than never, in the order of their deadlines. */
export class Timers {
  readonly #scheduler: Scheduler;
  #nextAtMs: number | undefined;
  #disarm: (() => void) | undefined;
  #isFiring = false;
  #isStopped = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** A timer is due then, epoch ms; only the earliest matters. */
  arm(atMs: number): void {
    if (this.#nextAtMs !== undefined && this.#nextAtMs <= atMs) return;
    this.#nextAtMs = atMs;
    if (!this.#isFiring) this.#sleep();
  }

  /** Looks into the table, at the start. */
  recover(): void {
    const next = this.#readNext();
    if (next !== undefined) this.arm(next);
  }

  stop(): void {
    this.#isStopped = true;
    this.#disarm?.();
  }

  #sleep(): void {
    this.#disarm?.();
    if (this.#nextAtMs === undefined || this.#isStopped) return;
    const { clock } = this.#scheduler.options;
    const delayMs = Math.min(LOOK_MS, Math.max(0, this.#nextAtMs - clock.now()));
    this.#disarm = clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    if (this.#isStopped || this.#isFiring) return;
    const now = this.#scheduler.options.clock.now();
    if (this.#nextAtMs === undefined || now < this.#nextAtMs) return this.#sleep();
    const due = this.#scheduler.options.store.read.all<DueRow>(
      "select due_at, execution from timer where due_at <= ? order by due_at, execution limit ?",
      now,
      BATCH,
    );
    if (due.length === 0) return this.#settle();
    this.#isFiring = true;
    let open = due.length;
    for (const timer of due) {
      this.#fire(timer, () => {
        open--;
        if (open === 0) this.#settle();
      });
    }
  }

  #fire(timer: DueRow, done: () => void): void {
    const { store, clock } = this.#scheduler.options;
    const { slots, giveBack } = this.#scheduler.takeSlots();
    const params = { nowMs: clock.now(), no: timer.execution, dueAtMs: timer.due_at, slots };
    store.submit("fireTimer", params, {}, (result) => {
      giveBack();
      if (result.ok) this.#scheduler.apply(result.value.consequences);
      done();
    });
  }

  #settle(): void {
    this.#isFiring = false;
    this.#nextAtMs = this.#readNext();
    this.#sleep();
  }

  #readNext(): number | undefined {
    return (
      this.#scheduler.options.store.read.get<{ next: number | null }>("select min(due_at) as next from timer")?.next ??
      undefined
    );
  }
}
