import type { LeaseFrame, StigmerError } from "@stigmer/api";
import type { CommandName, CommandParams, CommandResult } from "../store/commands.ts";
import type { FreeCause } from "../store/engine/lease.ts";
import type { Consequences, GrantedLease, ReadyExecution, Slot } from "../store/engine/turn.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "./clock.ts";
import type { ResolveDefinition } from "./execution-spec.ts";
import type { JournalSeal } from "./journal-seal.ts";
import { itemFrame, readLease } from "./lease-reading.ts";
import type { EngineLimits } from "./limits.ts";
import { type Live, queuedLive } from "./live.ts";
import { ReadyQueue } from "./ready-queue.ts";
import type { RunnerSession } from "./runner-session.ts";
import { ValueClaims } from "./values.ts";

/** What the scheduler works with. */
export interface SchedulerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: EngineLimits;
  readonly resolve: ResolveDefinition;
  readonly seed: () => string;
  /** Seals what may carry a secret; without it everything is stored in clear. */
  readonly seal?: JournalSeal;
  /** A timer is on disk, epoch ms. */
  readonly onDue: (atMs: number) => void;
  /** Rows or events of these executions changed on disk. */
  readonly onTouched: (nos: readonly number[]) => void;
  /** An execution reached its final phase on disk. */
  readonly onEnded: (no: number) => void;
  /** A lease ended. */
  readonly onForgotten: (no: number) => void;
}

/** Commands whose result tells what they did to other executions. */
type ActingCommand = {
  [N in CommandName]: CommandResult<N> extends { readonly consequences: Consequences } ? N : never;
}[CommandName];

/** How often a queue looks again for a runner that became empty or stopped being someone's own. */
const RETRY_MS = 500;

/**
 * Who holds what. The writer decides what becomes of an execution; the scheduler acts on its word once it is on disk:
 * queues what is ready, sends leases and items, forgets what ended.
 */
export class Scheduler {
  readonly options: SchedulerOptions;
  readonly lives = new Map<number, Live>();
  readonly sessions = new Set<RunnerSession>();
  readonly #queues = new Map<string, ReadyQueue>();
  #isDraining = false;
  #retry: (() => void) | undefined;
  #drained: (() => void) | undefined;

  constructor(options: SchedulerOptions) {
    this.options = options;
  }

  get backlog(): number {
    let size = 0;
    for (const queue of this.#queues.values()) size += queue.size;
    return size;
  }

  /** Acts on what a command did. */
  apply(consequences: Consequences): void {
    for (const { no } of consequences.ended) this.#dropEnded(no);
    for (const granted of consequences.granted) this.#sendLease(granted);
    for (const ready of consequences.ready) this.enqueue(ready);
    for (const item of consequences.delivered) this.#sendItem(item.no, item);
    if (consequences.dueAt !== undefined) this.options.onDue(consequences.dueAt);
    if (consequences.touched.length > 0) this.options.onTouched(consequences.touched);
    this.dispatch();
  }

  /** Puts an execution into the queue of its program. */
  enqueue(ready: ReadyExecution): void {
    if (this.lives.get(ready.no)?.isQueued) return;
    const live = queuedLive(ready, this.options.clock.now());
    this.lives.set(ready.no, live);
    this.#queue(ready.program).add(live);
  }

  /**
   * Runs a command that may wake or start something, with room at a runner so that the lease shares its transaction;
   * resolves when it is on disk and acted upon.
   */
  act<N extends ActingCommand>(
    name: N,
    params: (base: { readonly nowMs: number; readonly slots: readonly Slot[] }) => CommandParams<N>,
    claims: ValueClaims = new ValueClaims(),
  ): Promise<CommandResult<N>> {
    const { store, clock } = this.options;
    const { slots, giveBack } = this.takeSlots();
    const base = { nowMs: clock.now(), slots };
    return new Promise((resolve, reject) => {
      store.submit(name, params(base), { files: claims.files, sizeBytes: claims.sizeBytes + 256 }, (result) => {
        giveBack();
        if (!result.ok) return reject(result.error);
        this.apply(result.value.consequences);
        resolve(result.value);
      });
    });
  }

  /** Room for one lease at a runner of each kind; `giveBack` ends the reservation when the command is on disk. */
  takeSlots(): { readonly slots: readonly Slot[]; readonly giveBack: () => void } {
    const best = new Map<string, RunnerSession>();
    if (!this.#isDraining && this.backlog === 0) {
      for (const session of this.sessions) {
        if (!session.isOpen || session.load >= session.capacity || this.#isAlone(session)) continue;
        const known = best.get(session.component);
        if (!known || session.load < known.load) best.set(session.component, session);
      }
    }
    const sessions = [...best.values()];
    for (const session of sessions) session.reserved++;
    return {
      slots: sessions.map(({ instance, programs }) => ({ instance, programs })),
      giveBack: () => {
        for (const session of sessions) session.reserved--;
      },
    };
  }

  /** Hands queued executions to runners with room; a lease leaves when it is on disk. */
  dispatch(): void {
    if (this.#isDraining) return;
    for (const [program, queue] of this.#queues) {
      while (queue.size > 0 && (this.#dispatchAlone(program, queue) || this.#dispatchNext(program, queue)));
    }
  }

  #dispatchNext(program: string, queue: ReadyQueue): boolean {
    const session = this.#pick(program, (one) => !this.#isAlone(one));
    const live = session ? queue.take() : undefined;
    if (!session || !live) return false;
    this.#lease(live, session);
    return true;
  }

  /** One that saw a runner die gets an empty runner; after a while of none it shares. */
  #dispatchAlone(program: string, queue: ReadyQueue): boolean {
    const waiting = queue.peekAlone();
    if (!waiting) return false;
    const { clock, limits } = this.options;
    const isPatient = clock.now() - waiting.queuedAtMs < limits.aloneWaitMs;
    const session = this.#pick(program, (one) => !this.#isAlone(one) && (one.load === 0 || !isPatient));
    if (!session) {
      this.#retryAfter(limits.aloneWaitMs);
      return false;
    }
    queue.takeAlone();
    waiting.aloneUntilMs = clock.now() + limits.aloneMs;
    this.#retryAfter(limits.aloneMs);
    this.#lease(waiting, session);
    return true;
  }

  #retryAfter(delayMs: number): void {
    if (this.#retry) return;
    this.#retry = this.options.clock.after(Math.min(delayMs, RETRY_MS), () => {
      this.#retry = undefined;
      this.dispatch();
    });
  }

  #pick(program: string, isFit: (session: RunnerSession) => boolean): RunnerSession | undefined {
    let best: RunnerSession | undefined;
    for (const session of this.sessions) {
      if (!session.hasRoom(program) || !isFit(session)) continue;
      if (!best || session.load / session.capacity < best.load / best.capacity) best = session;
    }
    return best;
  }

  #isAlone(session: RunnerSession): boolean {
    if (session.held.size + session.reserved > 1) return false;
    const now = this.options.clock.now();
    for (const live of session.held.values()) if (live.aloneUntilMs > now) return true;
    return false;
  }

  #lease(live: Live, session: RunnerSession): void {
    live.isQueued = false;
    session.reserved++;
    const { store, clock } = this.options;
    store.submit("leaseExecution", { nowMs: clock.now(), no: live.no, instance: session.instance }, {}, (result) => {
      session.reserved--;
      if (!result.ok) return;
      if (!result.value.leased && this.lives.get(live.no) === live) this.lives.delete(live.no);
      this.apply(result.value.consequences);
    });
  }

  /** The lease is on disk: it leaves, unless its stream went meanwhile. */
  #sendLease(granted: GrantedLease): void {
    const known = this.lives.get(granted.no);
    const live = queuedLive(granted, this.options.clock.now());
    live.isQueued = false;
    live.instance = granted.instance;
    live.aloneUntilMs = known?.aloneUntilMs ?? 0;
    this.lives.set(granted.no, live);
    const session = this.#sessionOf(granted.instance);
    if (!session) return this.free(live, { kind: "returned" });
    try {
      this.#hand(live, session, readLease(this.options.store, granted.no, this.options.seal));
    } catch (error) {
      this.corrupt(live, error);
    }
  }

  #hand(live: Live, session: RunnerSession, lease: LeaseFrame | undefined): void {
    // A later command of the same group may have changed it already; its own consequences follow.
    if (lease?.epoch !== live.epoch) return;
    live.inboxSent = Number(lease.inbox?.at(-1)?.n ?? 0);
    live.holder = session;
    session.held.set(live.no, live);
    session.lease(lease);
  }

  /** What the disk holds of it cannot be read: it is suspended, the others go on. */
  corrupt(live: Live, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    live.holder?.refuse(live.no, live.epoch);
    this.free(live, { kind: "suspend", reason: "DATA_CORRUPT", message });
  }

  #sessionOf(instance: string): RunnerSession | undefined {
    for (const session of this.sessions) if (session.instance === instance && session.isOpen) return session;
    return undefined;
  }

  #sendItem(no: number, item: Consequences["delivered"][number]): void {
    const live = this.lives.get(no);
    if (!live?.holder || item.n <= live.inboxSent) return;
    live.inboxSent = item.n;
    try {
      live.holder.deliver(no, [itemFrame(this.options.store, item)]);
    } catch (error) {
      this.corrupt(live, error);
    }
  }

  #dropEnded(no: number): void {
    this.options.onEnded(no);
    const live = this.lives.get(no);
    if (!live) return;
    this.lose(live);
  }

  /** Takes a lease back; what becomes of the execution is the writer's decision. */
  free(live: Live, cause: FreeCause): void {
    if (this.lives.get(live.no) !== live || live.isQueued) return;
    this.forget(live);
    const { store, clock, limits } = this.options;
    const params = { nowMs: clock.now(), no: live.no, epoch: live.epoch, cause, maxDeaths: limits.maxDeaths };
    store.submit("freeLease", params, {}, (result) => {
      if (result.ok) this.apply(result.value.consequences);
    });
  }

  /** The runner must drop it: the disk says that its lease is over. */
  lose(live: Live): void {
    live.holder?.refuse(live.no, live.epoch);
    this.forget(live);
  }

  /** The runner and the disk disagree: it must drop the lease, and the execution goes to whoever takes it next. */
  revoke(live: Live): void {
    live.holder?.refuse(live.no, live.epoch);
    if (this.lives.get(live.no) === live) return this.free(live, { kind: "returned" });
    this.forget(live);
  }

  /** What the runner wrote cannot be stored: the execution is suspended, the others go on. */
  fail(live: Live, error: StigmerError): void {
    live.holder?.refuse(live.no, live.epoch);
    this.free(live, { kind: "suspend", reason: error.reason, message: error.message });
  }

  /** The runner does not hold it any more. */
  forget(live: Live): void {
    live.holder?.held.delete(live.no);
    live.holder = undefined;
    if (this.lives.get(live.no) === live) this.lives.delete(live.no);
    this.options.onForgotten(live.no);
    if (this.#drained && ![...this.sessions].some((session) => session.held.size > 0)) this.#drained();
  }

  /** It moved on: its runner need not be its own any more. */
  progressed(live: Live): void {
    live.deaths = 0;
    live.aloneUntilMs = 0;
  }

  /** No more leases go out; resolves when all are back, or after `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    this.#isDraining = true;
    this.#retry?.();
    for (const session of this.sessions) {
      session.drain();
      session.flush();
    }
    if (![...this.sessions].some((session) => session.held.size > 0)) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.options.clock.after(deadlineMs, resolve);
    });
  }

  #queue(program: string): ReadyQueue {
    const known = this.#queues.get(program);
    if (known) return known;
    const queue = new ReadyQueue();
    this.#queues.set(program, queue);
    return queue;
  }
}
