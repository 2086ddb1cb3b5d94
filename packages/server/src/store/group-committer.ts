import type { CommandCall, CommandOutcome, GroupOutcome, WriteFailure } from "./command.ts";

/** Who commits groups: a thread of its own, or this thread (simulation, tests). At most one group is under way. */
export interface GroupWriter {
  /** `done` runs once, after the group is on disk or lost, and never before `commit` has returned. */
  commit(calls: readonly CommandCall[], done: (outcome: GroupOutcome) => void): void;
  close(): Promise<void>;
}

/** What a committer needs. */
export interface GroupCommitterOptions {
  readonly writer: GroupWriter;
  /** Runs its argument after this round of the event loop; `setImmediate` in production, never a timer. */
  readonly closeSoon: (flush: () => void) => void;
  /** Runs its argument, in which all commands of a group are settled; for what they read together. */
  readonly settling?: (settle: () => void) => void;
  /** Most commands of a group; default 256. */
  readonly maxCommands?: number;
  /** Most bytes of a group, as far as the callers state them; default 1 MiB. */
  readonly maxBytes?: number;
}

/** Figures since the start. */
export interface CommitterStats {
  readonly groups: number;
  readonly commands: number;
  readonly pending: number;
}

const DEFAULTS = { maxCommands: 256, maxBytes: 1 << 20, settling: (settle: () => void): void => settle() };

interface Pending {
  readonly call: CommandCall;
  readonly sizeBytes: number;
  readonly settle: (outcome: CommandOutcome) => void;
}

/**
 * Collects commands and commits them in groups: one transaction and one fsync for all that arrived together. While one
 * group commits, the next gathers. After a lost group every command fails with the same reason: what the callers decided
 * in memory no longer agrees with the disk, so the process must end.
 */
export class GroupCommitter {
  readonly #options: GroupCommitterOptions & typeof DEFAULTS;
  #queue: Pending[] = [];
  #scheduled = false;
  /** The group that is on its way to the disk. */
  #inFlight: readonly Pending[] | undefined;
  #failure: WriteFailure | undefined;
  #groups = 0;
  #commands = 0;
  #idle: (() => void)[] = [];
  readonly #afterGroup: (() => void)[] = [];
  readonly #onFailure: ((failure: WriteFailure) => void)[] = [];

  constructor(options: GroupCommitterOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** `settle` runs after the command is on disk or refused, in the order of the calls. */
  add(call: CommandCall, sizeBytes: number, settle: (outcome: CommandOutcome) => void): void {
    if (this.#failure) return settle({ ok: false, failure: this.#failure });
    this.#queue.push({ call, sizeBytes, settle });
    if (this.#scheduled || this.#inFlight) return;
    this.#scheduled = true;
    this.#options.closeSoon(() => this.#flush());
  }

  /** `listener` runs after each group, when all of its commands are settled. */
  afterGroup(listener: () => void): void {
    this.#afterGroup.push(listener);
  }

  /** `listener` runs once, when a group was lost. */
  onFailure(listener: (failure: WriteFailure) => void): void {
    this.#onFailure.push(listener);
  }

  /** Fails everything that is pending or comes later, such as when the writer's thread died. */
  fail(failure: WriteFailure): void {
    if (this.#failure) return;
    this.#failure = failure;
    const lost = [...(this.#inFlight ?? []), ...this.#queue];
    this.#inFlight = undefined;
    this.#queue = [];
    for (const one of lost) one.settle({ ok: false, failure });
    for (const listener of this.#onFailure) listener(failure);
    this.#settleIdle();
  }

  /** Resolves when nothing is pending. */
  idle(): Promise<void> {
    if (!this.#inFlight && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  stats(): CommitterStats {
    return { groups: this.#groups, commands: this.#commands, pending: this.#queue.length };
  }

  #flush(): void {
    this.#scheduled = false;
    const group = this.#takeGroup();
    if (group.length === 0) return;
    this.#inFlight = group;
    this.#options.writer.commit(
      group.map((one) => one.call),
      (outcome) => this.#finish(group, outcome),
    );
  }

  #takeGroup(): readonly Pending[] {
    const { maxCommands, maxBytes } = this.#options;
    let count = 0;
    for (let bytes = 0; count < this.#queue.length && count < maxCommands; count++) {
      bytes += this.#queue[count]?.sizeBytes ?? 0;
      if (bytes > maxBytes && count > 0) break;
    }
    const group = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return group;
  }

  #finish(group: readonly Pending[], outcome: GroupOutcome): void {
    if (this.#inFlight !== group) return;
    if (!outcome.committed) return this.fail(outcome.failure);
    this.#inFlight = undefined;
    this.#groups++;
    this.#commands += group.length;
    if (this.#queue.length > 0) this.#flush();
    this.#options.settling(() => {
      for (const [i, one] of group.entries()) one.settle(outcome.outcomes[i] ?? NO_OUTCOME);
    });
    for (const listener of this.#afterGroup) listener();
    this.#settleIdle();
  }

  #settleIdle(): void {
    if (this.#inFlight || this.#queue.length > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

const NO_OUTCOME = { ok: false, failure: { reason: "INTERNAL", message: "the writer gave no outcome" } } as const;
