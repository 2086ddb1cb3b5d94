import { Activation } from "./activation.ts";
import type { ActivationEnd, ActivationPort, Clock, RunEffect } from "./activation-port.ts";
import type { DurableProgram } from "./durable.ts";
import { EntryBody, type HostItem, isMap, type JournalEntry, type ReportedEvent } from "./entry.ts";
import type { Json } from "./json.ts";
import type { ChildRequest, LogEvent, MemoryExecution, MemoryHostOptions } from "./memory-options.ts";
import type { SeededRandom } from "./random.ts";

/** What a run in memory asks of its host. */
export interface MemoryWorld {
  readonly options: MemoryHostOptions;
  readonly clock: Clock;
  readonly runEffect: RunEffect;
  /** Decides about crashes; absent without chaos. */
  readonly chance: SeededRandom | undefined;
  settle(done: () => void): void;
  seed(): string;
  emit(event: Json): void;
  beginChild(parentId: string, key: string, request: ChildRequest): void;
  cancelChild(parentId: string, key: string, program: string): void;
  childEnded(parent: { readonly id: string; readonly key: string }, end: ActivationEnd): void;
}

/** What a run in memory is. */
export interface MemoryRunRequest {
  readonly id: string;
  readonly program: DurableProgram;
  readonly input: Json;
  readonly parent?: { readonly id: string; readonly key: string };
}

/** One execution: its journal, its inbox, its event log, and the activation that carries it at the moment. */
export class MemoryRun implements MemoryExecution {
  readonly id: string;
  readonly ended: Promise<ActivationEnd>;
  readonly events: LogEvent[] = [];
  journal: JournalEntry[] = [];
  readonly #world: MemoryWorld;
  readonly #request: MemoryRunRequest;
  readonly #resolve: (end: ActivationEnd) => void;
  readonly #inbox: HostItem[] = [];
  readonly #eventsSeen = new Set<string>();
  /** Children that are waited for and have not ended: program by key. */
  readonly #children = new Map<string, string>();
  #activation: Activation | undefined;
  #reported = 0;
  #group: { entries: JournalEntry[]; reports: ReportedEvent[] } | undefined;
  #end: ActivationEnd | undefined;
  /** Kept when a crash comes before the first entry: the run that follows draws the same numbers. */
  #seed: string | undefined;

  constructor(world: MemoryWorld, request: MemoryRunRequest) {
    const { promise, resolve } = Promise.withResolvers<ActivationEnd>();
    this.#world = world;
    this.#request = request;
    this.id = request.id;
    this.ended = promise;
    this.#resolve = resolve;
  }

  begin(): void {
    this.#log("execution.created", null);
    this.#log("execution.started", null);
    this.#activate();
  }

  send(kind: "event" | "message" | "decision", data: Json): void {
    if (kind === "event") this.offerEvent(data);
    else this.put(kind, data);
  }

  /** An event reaches an execution once. */
  offerEvent(event: Json): void {
    const identity = eventIdentity(event);
    if (identity !== undefined && this.#eventsSeen.has(identity)) return;
    if (identity !== undefined) this.#eventsSeen.add(identity);
    this.put("event", event);
  }

  cancel(): void {
    if (this.#end !== undefined || this.#inbox.some((item) => item.kind === "cancel")) return;
    for (const [key, program] of this.#children) this.#world.cancelChild(this.id, key, program);
    this.put("cancel", null);
  }

  pause(): void {
    if (this.#end === undefined) this.#log("execution.paused", null);
    this.put("pause", null);
  }

  resume(): void {
    if (this.#end === undefined) this.#log("execution.resumed", null);
    this.put("resume", null);
  }

  crash(): void {
    if (this.#end !== undefined) return;
    this.#activation?.drop();
    this.#group = undefined;
    this.#activate();
  }

  /** Puts an item into the inbox and wakes the program. */
  put(kind: HostItem["kind"], data: Json): void {
    if (this.#end !== undefined) return;
    if (kind === "child") this.#forgetChild(data);
    this.#inbox.push({ n: this.#inbox.length + 1, kind, data });
    this.#activation?.deliver(this.#inbox.slice(-1));
  }

  #forgetChild(data: Json): void {
    if (isMap(data) && typeof data.key === "string") this.#children.delete(data.key);
  }

  #activate(): void {
    const activation = new Activation(
      {
        executionId: this.id,
        program: this.#request.program,
        input: this.#request.input,
        journal: this.journal,
        reported: this.#reported,
        inbox: this.#inbox,
      },
      this.#createPort(() => this.#activation === activation || this.#activation === undefined),
    );
    this.#activation = activation;
    activation.run();
  }

  /** @param isCurrent false once a crash has replaced the activation: its words no longer count */
  #createPort(isCurrent: () => boolean): ActivationPort {
    const world = this.#world;
    const { wantsSnapshot, onToken } = world.options;
    return {
      now: () => world.clock.now(),
      setTimer: (atMs, fire) => world.clock.setTimer(atMs, fire),
      settle: (done) => world.settle(done),
      seed: () => {
        this.#seed ??= world.seed();
        return this.#seed;
      },
      runEffect: world.runEffect,
      append: (entry) => {
        this.#open().entries.push(entry);
      },
      report: (event) => {
        this.#open().reports.push(event);
      },
      idle: () => {},
      ended: (end) => {
        if (isCurrent() && end.kind === "suspended") this.#finish(end);
      },
      ...(wantsSnapshot === undefined ? {} : { wantsSnapshot }),
      ...(onToken === undefined ? {} : { token: (key, offset, text) => onToken(this.id, key, offset, text) }),
    };
  }

  /** The group that gathers now; it is committed when the turn is over. */
  #open(): { entries: JournalEntry[]; reports: ReportedEvent[] } {
    if (this.#group !== undefined) return this.#group;
    const group = { entries: [], reports: [] };
    this.#group = group;
    this.#world.settle(() => {
      if (this.#group === group) this.#close(group);
    });
    return group;
  }

  #close(group: { readonly entries: readonly JournalEntry[]; readonly reports: readonly ReportedEvent[] }): void {
    const { chance, options } = this.#world;
    const dies = chance !== undefined && options.chaos !== undefined && chance.random() < options.chaos.rate;
    if (dies && chance.random() < 0.5) return this.crash(); // before the commit
    this.#group = undefined;
    this.#commit(group);
    const last = group.entries.at(-1);
    if (this.#end !== undefined) return;
    if (dies) return this.crash(); // before the acknowledgement
    if (last !== undefined) this.#activation?.acknowledge(last.seq);
  }

  #commit({
    entries,
    reports,
  }: {
    readonly entries: readonly JournalEntry[];
    readonly reports: readonly ReportedEvent[];
  }): void {
    for (const { index, atMs, type, data } of reports) {
      if (index <= this.#reported) continue;
      this.#reported = index;
      this.#log(type, data, atMs);
    }
    for (const entry of entries) this.#commitEntry(entry);
  }

  #commitEntry(entry: JournalEntry): void {
    if (entry.kind === "snapshot") this.journal = [];
    this.journal.push(entry);
    switch (entry.kind) {
      case "result":
        return this.#commitResult(new EntryBody(entry));
      case "child":
        return this.#commitChild(entry.key, new EntryBody(entry));
      case "child_cancel":
        return this.#world.cancelChild(this.id, entry.key, this.#children.get(entry.key) ?? "workflow");
      case "completed":
        return this.#finish({ kind: "completed", output: new EntryBody(entry).json("output") ?? null });
      case "failed":
        return this.#commitFailure(entry);
      case "cancelled":
        return this.#finish({ kind: "cancelled" });
      case "start":
      case "intent":
      case "timer":
      case "fired":
      case "inbox":
      case "patch":
      case "snapshot":
        return;
    }
  }

  #commitResult(body: EntryBody): void {
    if (body.text("call") !== "emit") return;
    const event = body.json("ok") ?? null;
    this.#log("event.emitted", { event });
    this.#world.emit(event);
  }

  #commitChild(key: string, body: EntryBody): void {
    const program = body.text("program");
    if (body.text("mode") === "wait") this.#children.set(key, program);
    this.#world.beginChild(this.id, key, {
      program,
      target: body.json("target") ?? null,
      input: body.json("input") ?? null,
    });
  }

  #commitFailure(entry: JournalEntry): void {
    const failure = new EntryBody(entry).failure();
    this.#finish({ kind: "failed", failure });
  }

  #finish(end: ActivationEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    switch (end.kind) {
      case "completed":
        this.#log("execution.completed", { output: end.output });
        break;
      case "failed":
        this.#log("execution.faulted", { error: { ...end.failure } });
        break;
      case "cancelled":
        this.#log("execution.cancelled", null);
        break;
      case "suspended":
        this.#log("execution.suspended", { reason: end.reason, message: end.message });
        break;
    }
    if (this.#request.parent !== undefined) this.#world.childEnded(this.#request.parent, end);
    this.#resolve(end);
  }

  #log(type: string, data: Json, atMs = this.#world.clock.now()): void {
    const event = { seq: this.events.length + 1, atMs, type, data };
    this.events.push(event);
    this.#world.options.onEvent?.(this.id, event);
  }
}

/** Whether two CloudEvents are the same one. */
function eventIdentity(event: Json): string | undefined {
  if (!isMap(event) || typeof event.id !== "string" || typeof event.source !== "string") return undefined;
  return `${event.source}\n${event.id}`;
}
