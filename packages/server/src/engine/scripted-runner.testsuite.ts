import type { EntryFrame, ItemFrame, LeaseFrame, RunnerFrame, ServerFrame } from "@stigmer/api";
import type { Engine } from "./engine.ts";
import type { AttachedRunner } from "./sessions.ts";

/** A runner for tests: keeps what it got, writes what it is told. */
export class ScriptedRunner {
  readonly frames: ServerFrame[] = [];
  readonly leases: LeaseFrame[] = [];
  readonly instance: string;
  readonly #engine: Engine;
  #stream: AttachedRunner | undefined;
  readonly #waiting: { test: (frame: ServerFrame) => boolean; resolve: (frame: ServerFrame) => void }[] = [];
  /** Called with each lease, to play the program. */
  onLease: ((lease: LeaseFrame) => void) | undefined;
  onItems: ((no: bigint, items: readonly ItemFrame[]) => void) | undefined;

  constructor(engine: Engine, instance = "runner-1") {
    this.#engine = engine;
    this.instance = instance;
  }

  connect(
    capacity = 100,
    held: readonly { execution: bigint; epoch: number }[] = [],
    programs = ["workflow", "agent"],
    component = "workflow-runner",
  ): void {
    this.#stream = this.#engine.attachRunner({ send: (frame) => this.#take(frame) });
    this.#stream.receive({
      hello: {
        component,
        instance: this.instance,
        version: "1",
        capacity,
        programs: programs.map((name) => ({ name, minVersion: 1, maxVersion: 1 })),
        held: [...held],
      },
    });
  }

  disconnect(): void {
    this.#stream?.closed();
    this.#stream = undefined;
  }

  send(frame: RunnerFrame): void {
    this.#stream?.receive(frame);
  }

  /** The next frame, old ones included, that passes; fails after two seconds. */
  frame(test: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    const known = this.frames.find(test);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no such frame came within two seconds")), 2_000);
      this.#waiting.push({
        test,
        resolve: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
      });
    });
  }

  /** The lease of this execution, with this epoch or any. */
  async lease(executionId: string, epoch?: number): Promise<LeaseFrame> {
    const fits = (lease: LeaseFrame): boolean =>
      lease.executionId === executionId && (epoch === undefined || lease.epoch === epoch);
    const frame = await this.frame((one) => (one.leases ?? []).some(fits));
    const lease = (frame.leases ?? []).find(fits);
    if (!lease) throw new Error("no lease");
    return lease;
  }

  /** Resolves when everything up to `seq` is acknowledged. */
  acked(lease: LeaseFrame, seq: number): Promise<ServerFrame> {
    return this.frame((one) =>
      (one.acks ?? []).some((ack) => ack.execution === lease.execution && Number(ack.seq) >= seq),
    );
  }

  parked(lease: LeaseFrame): Promise<ServerFrame> {
    return this.frame((one) =>
      (one.acks ?? []).some((ack) => ack.execution === lease.execution && ack.parked === true),
    );
  }

  refused(lease: LeaseFrame): Promise<ServerFrame> {
    return this.frame((one) =>
      (one.refused ?? []).some((claim) => claim.execution === lease.execution && claim.epoch === lease.epoch),
    );
  }

  #take(frame: ServerFrame): void {
    this.frames.push(frame);
    for (const lease of frame.leases ?? []) {
      this.leases.push(lease);
      this.onLease?.(lease);
    }
    for (const delivery of frame.deliveries ?? []) this.onItems?.(delivery.execution ?? 0n, delivery.items ?? []);
    for (const waiting of [...this.#waiting]) {
      if (!waiting.test(frame)) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve(frame);
    }
  }
}

/** An entry for this lease. */
export function entry(lease: LeaseFrame, seq: number, kind: string, key = "", body: object = {}): EntryFrame {
  return {
    execution: lease.execution ?? 0n,
    epoch: lease.epoch ?? 0,
    seq: BigInt(seq),
    atMs: 1n,
    kind,
    key,
    body: JSON.stringify({ v: 1, ...body }),
  };
}

/** A final entry with this output. */
export function completed(lease: LeaseFrame, seq: number, output: unknown = null): EntryFrame {
  return entry(lease, seq, "completed", "", { output });
}
