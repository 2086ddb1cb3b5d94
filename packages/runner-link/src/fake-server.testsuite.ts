import type { EntryFrame, EventFrame, ItemFrame, ParkFrame, RunnerFrame, ServerFrame } from "@stigmer/api";
import { type ActivationEnd, childExecutionId, type Json, startBody } from "@stigmer/durable";
import type { TestExecution } from "@stigmer/durable/testsuite";
import type { ChannelListener, OpenChannel } from "./channel.ts";
import type { Surroundings } from "./surroundings.ts";

interface Execution extends TestExecution {
  readonly no: bigint;
  readonly program: string;
  readonly input: Json;
  readonly parent?: { readonly no: bigint; readonly key: string };
  readonly journal: EntryFrame[];
  readonly inbox: ItemFrame[];
  readonly children: Map<string, { readonly program: string }>;
  readonly log: { type: string; data: Json }[];
  readonly end: (end: ActivationEnd) => void;
  epoch: number;
  inboxSeen: number;
  reported: number;
  phase: "queued" | "leased" | "parked" | "ended";
  wake: (() => void) | undefined;
}

const SEED = "0123456789abcdef0123456789abcdef";

/** The server's side of the wire in memory: commits a turn later, refuses old epochs, wakes parked executions. */
export class FakeServer {
  readonly executions = new Map<bigint, Execution>();
  readonly frames: RunnerFrame[] = [];
  readonly #surroundings: Surroundings;
  #listener: ChannelListener | undefined;
  #isWelcome = false;
  #next = 0n;
  /** Commits wait while it is set: a slow disk. */
  isStalled = false;
  #stalled: (() => void)[] = [];

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Opens streams for the runner; a new one replaces the old one. */
  readonly openChannel: OpenChannel = (listener) => {
    this.#listener = listener;
    this.#isWelcome = false;
    setImmediate(() => this.#send({}));
    return {
      send: (frame) => {
        if (this.#listener === listener) setImmediate(() => this.#receive(structuredClone(frame), listener));
      },
      close: () =>
        new Promise((resolve) => {
          setImmediate(() => setImmediate(() => resolve(this.disconnect())));
        }),
    };
  };

  /** Cuts the stream: frames on their way are lost. */
  disconnect(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#isWelcome = false;
    listener?.onClose(new Error("the stream was cut"));
  }

  /** Commits what waited. */
  goOn(): void {
    this.isStalled = false;
    for (const commit of this.#stalled.splice(0)) commit();
  }

  start(request: { program: string; input: Json; id?: string }, parent?: { no: bigint; key: string }): TestExecution {
    const no = ++this.#next;
    const { promise, resolve } = Promise.withResolvers<ActivationEnd>();
    const log: { type: string; data: Json }[] = [];
    const start = {
      seq: 1n,
      atMs: BigInt(Math.floor(this.#surroundings.now())),
      kind: "start",
      key: "",
      body: startBody(SEED),
    };
    const run: Execution = {
      ...{ no, program: request.program, input: request.input, epoch: 0, inboxSeen: 0, reported: 0, phase: "queued" },
      ...(parent === undefined ? {} : { parent }),
      ...{ id: request.id ?? `wex_${String(no).padStart(26, "0")}`, ended: promise, end: resolve, journal: [start] },
      ...{ inbox: [], children: new Map(), log, events: log, wake: undefined },
      send: (kind, data) => this.#put(run, kind, data),
      cancel: () => this.#cancel(run),
      pause: () => this.#put(run, "pause", null),
      resume: () => this.#put(run, "resume", null),
      crash: () => this.#crash(run),
    };
    this.executions.set(no, run);
    this.#lease(run);
    return run;
  }

  /** Any execution by its public id. */
  find(id: string): TestExecution | undefined {
    return [...this.executions.values()].find((run) => run.id === id);
  }

  #lease(run: Execution): void {
    if (run.phase === "ended" || !this.#isWelcome) return;
    run.wake?.();
    run.wake = undefined;
    run.phase = "leased";
    run.epoch++;
    const { no, epoch, id, program, input, journal, reported, inbox, inboxSeen } = run;
    const items = inbox.filter((item) => Number(item.n) > inboxSeen);
    const lease = {
      execution: no,
      epoch,
      programVersion: 1,
      executionId: id,
      program,
      input: JSON.stringify(input),
      namespace: "default",
    };
    this.#send({ leases: [structuredClone({ ...lease, journal, reported: BigInt(reported), inbox: items })] });
  }

  #crash(run: Execution): void {
    if (run.phase !== "leased") return;
    this.#send({ refused: [{ execution: run.no, epoch: run.epoch }] });
    this.#lease(run);
  }

  #cancel(run: Execution): void {
    if (run.inbox.some(({ kind }) => kind === "cancel")) return;
    for (const [key, { program }] of run.children) this.#childOf(run, key, program)?.cancel();
    this.#put(run, "cancel", null);
  }

  #childOf(run: Execution, key: string, program: string): Execution | undefined {
    const id = childExecutionId({ parentId: run.id, key, program });
    return [...this.executions.values()].find((other) => other.id === id);
  }

  #put(run: Execution, kind: string, data: Json): void {
    if (run.phase === "ended") return;
    const item = { n: BigInt(run.inbox.length + 1), kind, data: JSON.stringify(data), atMs: 0n };
    run.inbox.push(item);
    if (run.phase === "leased") this.#send({ deliveries: [{ execution: run.no, items: [item] }] });
    if (run.phase === "parked") this.#wake(run);
  }

  #wake(run: Execution): void {
    run.phase = "queued";
    this.#lease(run);
  }

  #send(frame: ServerFrame): void {
    const listener = this.#listener;
    setImmediate(() => {
      if (this.#listener === listener) listener?.onFrame(frame);
    });
  }

  #receive(frame: RunnerFrame, listener: ChannelListener): void {
    if (this.#listener !== listener) return;
    this.frames.push(frame);
    if (frame.hello) this.#welcome(frame.hello.held ?? []);
    const commit = () => setImmediate(() => this.#commit(frame));
    if (this.isStalled) this.#stalled.push(commit);
    else commit();
  }

  #welcome(held: readonly { execution?: bigint; epoch?: number }[]): void {
    this.#isWelcome = true;
    for (const run of this.executions.values()) {
      const isHeld = held.some((claim) => claim.execution === run.no && claim.epoch === run.epoch);
      if ((run.phase === "leased" && !isHeld) || run.phase === "queued") this.#lease(run);
      if (run.phase === "leased" && isHeld) this.#redeliver(run);
    }
  }

  #redeliver(run: Execution): void {
    this.#send({
      acks: [{ execution: run.no, seq: run.journal.at(-1)?.seq ?? 0n }],
      deliveries: [{ execution: run.no, items: run.inbox }],
    });
  }

  #commit(frame: RunnerFrame): void {
    const acked = new Map<bigint, bigint>();
    for (const entry of frame.entries ?? []) {
      const run = this.#current(entry);
      const seq = BigInt(entry.seq ?? 0);
      if (run === undefined) continue;
      acked.set(run.no, seq);
      if (seq <= BigInt(run.journal.at(-1)?.seq ?? 0)) continue;
      if (seq !== BigInt(run.journal.at(-1)?.seq ?? 0) + 1n) throw new Error(`entry ${seq} leaves a gap`);
      this.#commitEntry(run, entry);
    }
    for (const batch of frame.events ?? []) {
      const run = this.#current(batch);
      if (run !== undefined) this.#logEvents(run, batch.events ?? []);
    }
    this.#send({ acks: [...acked].map(([execution, seq]) => ({ execution, seq })) });
    for (const park of frame.parks ?? []) this.#park(park);
    for (const release of frame.releases ?? []) {
      const run = this.#current(release);
      if (run !== undefined) this.#release(run, release.reason ?? "", release.message ?? "");
    }
  }

  #release(run: Execution, reason: string, message: string): void {
    run.phase = "queued";
    if (reason !== "") this.#finish(run, { kind: "suspended", reason, message });
  }

  #current(name: { execution?: bigint; epoch?: number }): Execution | undefined {
    const run = this.executions.get(name.execution ?? 0n);
    if (run !== undefined && run.epoch === name.epoch && run.phase === "leased") return run;
    this.#send({ refused: [{ execution: name.execution ?? 0n, epoch: name.epoch ?? 0 }] });
    return undefined;
  }

  #park(park: ParkFrame): void {
    const run = this.#current(park);
    if (run === undefined) return;
    run.phase = "parked";
    this.#send({ acks: [{ execution: run.no, seq: park.lastSeq ?? 0n, parked: true }] });
    if (Number(park.inboxSeen) < run.inbox.length) return this.#wake(run);
    const dueAtMs = Number(park.dueAtMs ?? 0);
    if (dueAtMs > 0 && !park.paused) run.wake = this.#surroundings.setTimer(dueAtMs, () => this.#wake(run));
  }

  #commitEntry(run: Execution, entry: EntryFrame): void {
    this.#logEvents(run, entry.events ?? []);
    if (entry.kind === "snapshot") run.journal.length = 0;
    run.journal.push(entry);
    const body = JSON.parse(entry.body ?? "null");
    const key = entry.key ?? "";
    if (entry.kind === "inbox") run.inboxSeen = body.n;
    if (entry.kind === "result" && body.call === "emit")
      run.log.push({ type: "event.emitted", data: { event: body.ok } });
    if (entry.kind === "child") {
      if (body.mode === "wait") run.children.set(key, { program: body.program });
      const id = childExecutionId({ parentId: run.id, key, program: body.program });
      this.start({ program: body.program, input: body.input, id }, { no: run.no, key });
    }
    if (entry.kind === "child_cancel") this.#childOf(run, key, run.children.get(key)?.program ?? "")?.cancel();
    if (entry.kind === "completed") this.#finish(run, { kind: "completed", output: body.output });
    if (entry.kind === "failed") this.#finish(run, { kind: "failed", failure: body.failure });
    if (entry.kind === "cancelled") this.#finish(run, { kind: "cancelled" });
  }

  #logEvents(run: Execution, events: readonly EventFrame[]): void {
    for (const event of events) {
      if (Number(event.index) <= run.reported) continue;
      if (Number(event.index) !== run.reported + 1) throw new Error(`report ${event.index} came after ${run.reported}`);
      run.reported = Number(event.index);
      run.log.push({ type: event.type ?? "", data: JSON.parse(event.data ?? "null") });
    }
  }

  #finish(run: Execution, end: ActivationEnd): void {
    run.phase = "ended";
    run.log.push({ type: `execution.${end.kind}`, data: null });
    run.end(end);
    const parent = run.parent === undefined ? undefined : this.executions.get(run.parent.no);
    if (parent === undefined || run.parent === undefined || end.kind === "suspended") return;
    parent.children.delete(run.parent.key);
    const outcome: Json =
      end.kind === "completed"
        ? { ok: end.output }
        : end.kind === "failed"
          ? { failure: { ...end.failure } }
          : { cancelled: true };
    this.#put(parent, "child", { key: run.parent.key, outcome });
  }
}
