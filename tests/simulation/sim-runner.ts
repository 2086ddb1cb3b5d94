import {
  Activation,
  type HostItem,
  type IdleState,
  type JournalEntry,
  type Json,
  type ReportedEvent,
  type RunEffect,
} from "@stigmer/durable";
import type { EntryFrame, LeaseFrame, ServerFrame } from "@stigmer/server";
import { simulatedProgram } from "./program.ts";
import type { SeededChance } from "./random.ts";
import type { StreamEnd } from "./sim-stream.ts";
import type { Timeline } from "./timeline.ts";

/** What a runner's process needs of its world. */
export interface SimRunnerParams {
  readonly instance: string;
  readonly timeline: Timeline;
  readonly chance: SeededChance;
  /** Wall clock, epoch ms. */
  readonly wallMs: () => number;
  readonly runEffect: RunEffect;
  /** Sees what the runner gets before it acts on it. */
  readonly inspect: (frame: ServerFrame) => void;
  /** A defect of the runner, for planted faults. */
  readonly forgetsIntents: boolean;
}

interface Run {
  readonly no: bigint;
  readonly epoch: number;
  readonly activation: Activation;
  unacked: EntryFrame[];
  lines: ReportedEvent[];
  idle: IdleState | undefined;
  parkedSeq: number;
  isOver: boolean;
}

/** The runner's half of the protocol around the product's own replay. */
export class SimRunner {
  readonly instance: string;
  readonly #params: SimRunnerParams;
  readonly #runs = new Map<bigint, Run>();
  #stream: StreamEnd | undefined;
  #out: EntryFrame[] = [];
  #isFlushing = false;
  #isAlive = true;

  constructor(params: SimRunnerParams) {
    this.#params = params;
    this.instance = params.instance;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  connected(stream: StreamEnd, capacity: number): void {
    this.#stream = stream;
    this.#out = [];
    const runs = [...this.#runs.values()];
    stream.send({
      hello: {
        component: "workflow-runner",
        instance: this.instance,
        version: "1",
        capacity,
        programs: [{ name: "workflow", minVersion: 1, maxVersion: 1 }],
        held: runs.map(({ no, epoch }) => ({ execution: no, epoch })),
      },
      entries: runs.flatMap((run) => run.unacked),
    });
    for (const run of runs) {
      run.parkedSeq = 0;
      this.#maybePark(run);
    }
  }

  disconnected(): void {
    this.#stream = undefined;
  }

  /** The process dies: nothing of it goes on. */
  kill(): void {
    this.#isAlive = false;
    for (const run of this.#runs.values()) run.activation.drop();
    this.#runs.clear();
    this.#stream = undefined;
  }

  receive(frame: ServerFrame): void {
    if (!this.#isAlive) return;
    this.#params.inspect(frame);
    for (const { execution = 0n, epoch } of frame.refused ?? [])
      if (this.#runs.get(execution)?.epoch === epoch) this.#drop(execution);
    for (const ack of frame.acks ?? [])
      this.#acknowledge(ack.execution ?? 0n, Number(ack.seq ?? 0), ack.parked === true);
    for (const lease of frame.leases ?? []) this.#begin(lease);
    for (const { execution = 0n, items } of frame.deliveries ?? []) {
      const run = this.#runs.get(execution);
      if (!run) continue;
      run.idle = undefined;
      run.activation.deliver((items ?? []).map(hostItem));
    }
  }

  #acknowledge(no: bigint, seq: number, isParked: boolean): void {
    const run = this.#runs.get(no);
    if (!run) return;
    run.unacked = run.unacked.filter((entry) => Number(entry.seq) > seq);
    run.activation.acknowledge(seq);
    if (isParked || (run.isOver && run.unacked.length === 0)) this.#drop(no);
    else this.#maybePark(run);
  }

  #drop(no: bigint): void {
    this.#runs.get(no)?.activation.drop();
    this.#runs.delete(no);
    this.#out = this.#out.filter((entry) => entry.execution !== no);
  }

  #begin(lease: LeaseFrame): void {
    const no = lease.execution ?? 0n;
    this.#drop(no);
    const { timeline, chance, wallMs, runEffect } = this.#params;
    const run: Run = {
      no,
      epoch: lease.epoch ?? 0,
      unacked: [],
      lines: [],
      idle: undefined,
      parkedSeq: 0,
      isOver: false,
      activation: new Activation(
        {
          executionId: lease.executionId ?? "",
          program: simulatedProgram,
          input: JSON.parse(lease.input ?? "null") as Json,
          journal: (lease.journal ?? [])
            .map(journalEntry)
            .filter((entry) => !this.#params.forgetsIntents || entry.kind !== "intent"),
          reported: Number(lease.reported ?? 0),
          inbox: (lease.inbox ?? []).map(hostItem),
        },
        {
          now: wallMs,
          setTimer: (atMs, fire) => this.#setTimer(run, atMs, fire),
          append: (entry) => this.#append(run, entry),
          report: (event) => void run.lines.push(event),
          runEffect,
          settle: (done) => void timeline.after(0, done),
          seed: () => "0".repeat(32),
          idle: (state) => {
            run.idle = state;
            this.#maybePark(run);
          },
          ended: (end) => {
            run.isOver = true;
            if (end.kind !== "suspended") return;
            this.#stream?.send({
              releases: [{ execution: no, epoch: run.epoch, reason: end.reason, message: end.message }],
            });
            this.#drop(no);
          },
          wantsSnapshot: () => chance.happens(0.3),
        },
      ),
    };
    this.#runs.set(no, run);
    run.activation.run();
  }

  /** Timers of a process follow the wall clock, which may jump: they look again when they fire too early. */
  #setTimer(run: Run, atMs: number, fire: () => void): () => void {
    const { timeline, wallMs } = this.#params;
    let disarm = (): void => {};
    const arm = (): void => {
      const waitMs = Math.min(500, Math.max(0, atMs - wallMs()));
      disarm = timeline.after(waitMs, () => {
        if (!this.#isAlive || this.#runs.get(run.no) !== run) return;
        if (wallMs() >= atMs) fire();
        else arm();
      });
    };
    arm();
    return () => disarm();
  }

  #append(run: Run, entry: JournalEntry): void {
    run.idle = undefined;
    const events = run.lines.map((line) => ({
      index: BigInt(line.index),
      atMs: BigInt(line.atMs),
      type: line.type,
      data: JSON.stringify(line.data),
    }));
    run.lines = [];
    const frame: EntryFrame = {
      execution: run.no,
      epoch: run.epoch,
      seq: BigInt(entry.seq),
      atMs: BigInt(entry.atMs),
      kind: entry.kind,
      key: entry.key,
      body: entry.body,
      events,
    };
    run.unacked.push(frame);
    this.#out.push(frame);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#params.timeline.after(0, () => {
      this.#isFlushing = false;
      const entries = this.#out;
      this.#out = [];
      if (entries.length > 0) this.#stream?.send({ entries });
    });
  }

  #maybePark(run: Run): void {
    const { idle } = run;
    if (!idle || run.isOver || run.unacked.length > 0 || run.parkedSeq === idle.lastSeq + 1) return;
    run.parkedSeq = idle.lastSeq + 1;
    this.#stream?.send({
      parks: [
        {
          execution: run.no,
          epoch: run.epoch,
          lastSeq: BigInt(idle.lastSeq),
          dueAtMs: BigInt(idle.dueAtMs ?? 0),
          inboxSeen: BigInt(idle.inboxSeen),
          paused: idle.paused,
        },
      ],
    });
  }
}

function hostItem(item: NonNullable<LeaseFrame["inbox"]>[number]): HostItem {
  const kind = (item.kind ?? "event") as HostItem["kind"];
  return { n: Number(item.n ?? 0), kind, data: JSON.parse(item.data ?? "null") as Json };
}

function journalEntry(entry: EntryFrame): JournalEntry {
  const kind = (entry.kind ?? "start") as JournalEntry["kind"];
  return {
    seq: Number(entry.seq ?? 0),
    atMs: Number(entry.atMs ?? 0),
    kind,
    key: entry.key ?? "",
    body: entry.body ?? "",
  };
}
