import type { ActivationEnd, ActivationPort } from "./activation-port.ts";
import { Cancellation } from "./cancellation.ts";
import { Children } from "./children.ts";
import type { Core } from "./core.ts";
import { DeliveryQueue } from "./delivery-queue.ts";
import type { DurableProgram, ProgramEvent } from "./durable.ts";
import { Effects } from "./effects.ts";
import { type HostItem, JOURNAL_VERSION, type JournalEntry, type JournalMismatch, startBody } from "./entry.ts";
import { GivenAnswers } from "./given-answers.ts";
import { Inbox } from "./inbox.ts";
import { JournalWriter } from "./journal-writer.ts";
import type { Json } from "./json.ts";
import { PatchLog } from "./patch-log.ts";
import { toFailure } from "./problems.ts";
import { ProgramPort } from "./program-port.ts";
import { randomStateOf, SeededRandom } from "./random.ts";
import { type Delivery, Recorded, readJournal, unasked, unreadableChild } from "./recorded.ts";
import { ScopeNode } from "./scope-node.ts";
import { isSnapshotDue, snapshotBody } from "./snapshot.ts";
import { Timers } from "./timers.ts";

/** What an execution is and what is known of it. */
export interface ActivationStart {
  readonly executionId: string;
  readonly program: DurableProgram;
  readonly input: Json;
  /** From the last snapshot on, or from the start; empty for an execution that nobody has begun. */
  readonly journal: readonly JournalEntry[];
  /** Reports up to this index are in the event log. */
  readonly reported: number;
  /** Items that are not in the journal yet. */
  readonly inbox: readonly HostItem[];
}

type ProgramEnd = { readonly output: Json } | { readonly error: unknown };

/** Carries one execution: replays its journal, then goes on live, until it ends or its host drops it. */
export class Activation {
  readonly #start: Omit<ActivationStart, "journal">;
  readonly #port: ActivationPort;
  readonly #writer: JournalWriter;
  readonly #queue: DeliveryQueue;
  readonly #root = new ScopeNode();
  readonly #core: Core;
  readonly #effects: Effects;
  readonly #timers: Timers;
  readonly #inbox: Inbox;
  readonly #children: Children;
  readonly #random: SeededRandom;
  readonly #patches: PatchLog;
  readonly #given: GivenAnswers;
  readonly #unreadable: JournalMismatch | undefined;
  #recorded: Recorded;
  #phase: "replaying" | "live" | "over";
  #isSettling = false;
  #isStopping = false;
  #whenLive: (() => void)[] = [];
  #waitingItems: HostItem[] = [];
  #inboxSeen: number;
  #reports: number;
  #nowMs: number;
  #lastDelivered: number;
  #programEnd: ProgramEnd | undefined;
  #cancel: Cancellation | undefined;

  constructor(start: ActivationStart, port: ActivationPort) {
    const { journal, ...rest } = start; // the journal itself is not kept: it may be large
    this.#start = rest;
    this.#port = port;
    const { recorded, unreadable } = readJournal(journal);
    this.#recorded = recorded;
    this.#unreadable = unreadable;
    this.#writer = new JournalWriter(port, recorded);
    this.#queue = new DeliveryQueue(recorded.deliveries);
    this.#phase = recorded.isFresh ? "live" : "replaying";
    this.#inboxSeen = recorded.inboxSeen;
    this.#reports = recorded.snapshot?.reports ?? 0;
    this.#given = new GivenAnswers(recorded.snapshot?.answers);
    this.#random = new SeededRandom(recorded.random ?? this.#recordStart());
    this.#nowMs = recorded.snapshot?.nowMs ?? journal[0]?.atMs ?? port.now();
    this.#lastDelivered = recorded.headSeq;
    this.#core = this.#createCore();
    this.#effects = new Effects(this.#core);
    this.#timers = new Timers(this.#core);
    this.#inbox = new Inbox(this.#core, recorded.snapshot?.buffered ?? []);
    this.#children = new Children(this.#core);
    this.#patches = new PatchLog(recorded.patches);
  }

  /** Begins to run the program; called once. */
  run(): void {
    if (this.#unreadable !== undefined) return this.#disagree(this.#unreadable);
    this.#holdFor(this.#start.inbox);
    this.#turn(() => this.#callProgram());
    this.deliver(this.#start.inbox);
  }

  /** Everything up to `seq` is in the journal for good. */
  acknowledge(seq: number): void {
    this.#writer.acknowledge(seq);
    if (this.#phase !== "over") this.#effects.acknowledge(seq);
  }

  /** New items of the inbox, in order; known ones are passed over. */
  deliver(items: readonly HostItem[]): void {
    for (const item of items) {
      if (item.n <= this.#inboxSeen || this.#phase === "over") continue;
      this.#inboxSeen = item.n;
      if (this.#phase === "live") this.#acceptItem(item);
      else this.#waitingItems.push(item);
    }
  }

  /** The host stops: running effects may end, no new one begins. */
  hold(): void {
    this.#isStopping = true;
    this.#effects.hold();
  }

  /** Effects that run now. */
  get runningEffects(): number {
    return this.#effects.runningCount;
  }

  /** Ends without a final entry, for instance when the CPU budget is used up. */
  suspend(cause: { readonly reason: string; readonly message: string }): void {
    if (this.#phase !== "over") this.#end({ kind: "suspended", ...cause });
  }

  /** Forgets the execution without a word: it belongs to somebody else now. Running effects are aborted. */
  drop(): void {
    this.#close();
  }

  #callProgram(): void {
    const { program, input } = this.#start;
    const port = new ProgramPort(
      {
        effects: this.#effects,
        timers: this.#timers,
        inbox: this.#inbox,
        children: this.#children,
        random: this.#random,
        now: () => this.#nowMs,
        report: (event) => this.#report(event),
        offerSnapshot: (state) => this.#offerSnapshot(state),
        patched: (id) => this.#patched(id),
        takeFired: (key) => this.#given.take("fired", key) !== undefined,
      },
      this.#root,
    );
    runProgram(program, port, input, this.#recorded.snapshot?.state).then(
      (output) => this.#onProgramEnd({ output: output ?? null }),
      (error) => this.#onProgramEnd({ error }),
    );
  }

  /** Lets the program run after one answer until it comes to rest, then takes the next. */
  #turn(act: () => void): void {
    this.#isSettling = true;
    this.#given.beginTurn();
    this.#port.turn?.("begin");
    act();
    this.#port.settle(() => {
      this.#isSettling = false;
      this.#port.turn?.("end");
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isSettling || this.#phase === "over") return;
    const next = this.#queue.take();
    if (this.#queue.isPaused) this.#effects.hold();
    else if (!this.#isStopping) this.#effects.release();
    if (next !== undefined) return this.#turn(() => this.#deliverOne(next));
    if (this.#phase === "replaying") this.#goLive();
    if (!this.#isSettling) this.#comeToRest();
  }

  #deliverOne(delivery: Delivery): void {
    this.#nowMs = Math.max(this.#nowMs, delivery.atMs);
    this.#lastDelivered = delivery.seq;
    this.#given.forgetRestored();
    this.#children.forgetEnded();
    switch (delivery.kind) {
      case "result":
        if (this.#phase === "replaying" && !this.#effects.hasSeen(delivery.key))
          return this.#disagree(unasked(delivery));
        return this.#effects.answer(delivery.key, delivery.outcome);
      case "fired":
        if (this.#phase === "replaying" && !this.#timers.hasSeen(delivery.key))
          return this.#disagree(unasked(delivery));
        return this.#timers.fire(delivery.key);
      case "inbox":
        return this.#deliverItem(delivery.seq, delivery.item);
    }
  }

  #deliverItem(seq: number, { n, kind, data }: HostItem): void {
    switch (kind) {
      case "event":
      case "message":
      case "decision":
        return this.#inbox.accept({ n, kind, data });
      case "cancel":
        return this.#cancelAll();
      case "child":
        if (this.#children.ended(data)) return;
        return this.#disagree(unreadableChild(seq, data));
      case "pause":
      case "resume":
        return; // the queue follows them
    }
  }

  #goLive(): void {
    const unheard = this.#recorded.firstUnclaimed;
    if (unheard !== undefined) return this.#disagree(unheard);
    this.#phase = "live";
    const items = this.#waitingItems;
    this.#waitingItems = [];
    this.#holdFor(items);
    const actions = this.#whenLive;
    this.#whenLive = [];
    for (const act of actions) act();
    for (const item of items) this.#acceptItem(item);
  }

  /** A pause that waits in the inbox holds what would begin before it is in the journal; the queue lets go. */
  #holdFor(items: readonly HostItem[]): void {
    if (items.some(({ kind }) => kind === "pause")) this.#effects.hold();
  }

  #acceptItem(item: HostItem): void {
    if (this.#phase === "over") return;
    const body = JSON.stringify({ v: JOURNAL_VERSION, ...item });
    this.#core.arrive("inbox", "", body, (at) => ({ ...at, kind: "inbox", item }));
  }

  /** Nothing is left to deliver: the execution ends, or only waits, or an effect of it runs. */
  #comeToRest(): void {
    if (this.#phase !== "live") return;
    if (this.#cancel !== undefined) {
      const running = { effects: this.#effects.runningCount, children: this.#children.runningCount };
      if (this.#cancel.isComplete(running)) return this.#finishCancelled();
    } else if (this.#programEnd !== undefined) return this.#finish(this.#programEnd);
    if (this.#effects.activeCount > 0) return;
    const dueAtMs = this.#timers.dueAtMs;
    this.#port.idle({
      inboxSeen: this.#inboxSeen,
      lastSeq: this.#writer.lastSeq,
      paused: this.#queue.isPaused,
      ...(dueAtMs === undefined ? {} : { dueAtMs }),
    });
  }

  #cancelAll(): void {
    if (this.#cancel !== undefined) return;
    this.#cancel = new Cancellation(this.#port, () => {
      this.#effects.close();
      this.#pump();
    });
    this.#effects.keepLateResults();
    this.#root.cancel();
  }

  #onProgramEnd(end: ProgramEnd): void {
    if (this.#phase === "over") return;
    this.#programEnd = end;
    this.#root.end();
    if (this.#phase === "live" && this.#cancel === undefined) this.#finish(end);
  }

  #finish(end: ProgramEnd): void {
    if ("output" in end) {
      this.#writer.append("completed", "", JSON.stringify({ v: JOURNAL_VERSION, output: end.output }));
      return this.#end({ kind: "completed", output: end.output });
    }
    const failure = toFailure(end.error, "program error");
    this.#writer.append("failed", "", JSON.stringify({ v: JOURNAL_VERSION, failure }));
    this.#end({ kind: "failed", failure });
  }

  #finishCancelled(): void {
    this.#writer.append("cancelled", "", JSON.stringify({ v: JOURNAL_VERSION }));
    this.#end({ kind: "cancelled" });
  }

  #disagree(mismatch: JournalMismatch): void {
    this.suspend({ reason: "JOURNAL_MISMATCH", message: `${this.#start.executionId}: ${mismatch.message}` });
  }

  #end(end: ActivationEnd): void {
    this.#close();
    this.#port.ended(end);
  }

  #close(): void {
    this.#phase = "over";
    this.#effects.close();
    this.#timers.close();
    this.#cancel?.close();
  }

  #report(event: ProgramEvent): void {
    if (this.#phase === "over") return;
    const index = ++this.#reports;
    if (index <= this.#start.reported) return;
    this.#port.report({ index, atMs: Math.max(this.#nowMs, this.#port.now()), ...event });
  }

  #patched(id: string): boolean {
    const isReplaying =
      this.#phase === "replaying" &&
      (this.#queue.length > 0 || this.#recorded.hasUnclaimed || this.#reports < this.#start.reported);
    const verdict = this.#patches.decide(id, this.#lastDelivered, isReplaying ? "replaying" : "live");
    if (verdict.isNew) {
      const body = JSON.stringify({ v: JOURNAL_VERSION, after: this.#lastDelivered });
      this.#core.whenLive(() => this.#writer.append("patch", id, body));
    }
    return verdict.isPatched;
  }

  #offerSnapshot(state: () => Json): void {
    if (this.#phase !== "live" || this.#cancel !== undefined || this.#programEnd !== undefined) return;
    if (this.#given.isRestoring || this.#queue.length > 0 || this.#effects.openCount > 0) return;
    const wants = this.#port.wantsSnapshot ?? isSnapshotDue;
    if (!wants(this.#writer.since)) return;
    const body = snapshotBody({
      state: state(),
      nowMs: this.#nowMs,
      random: this.#random.state,
      reports: this.#reports,
      inboxSeen: this.#inboxSeen,
      buffered: this.#inbox.buffered,
      timers: this.#timers.list,
      children: this.#children.list,
      patches: this.#patches.list,
      answers: this.#given.ofTurn,
    });
    this.#writer.append("snapshot", "", body);
    this.#recorded = new Recorded([]);
    this.#effects.forget();
    this.#timers.forget();
  }

  #recordStart() {
    const seed = this.#port.seed();
    const state = randomStateOf(seed);
    if (state === undefined) throw new RangeError("a host's seed must be 32 hexadecimal digits");
    if (this.#unreadable === undefined) this.#writer.append("start", "", startBody(seed));
    return state;
  }

  #createCore(): Core {
    const self = this;
    return {
      executionId: this.#start.executionId,
      port: this.#port,
      get recorded() {
        return self.#recorded;
      },
      get lastFactSeq() {
        return self.#writer.lastFactSeq;
      },
      get ackedSeq() {
        return self.#writer.ackedSeq;
      },
      whenLive: (act) => {
        if (this.#phase === "live") act();
        else if (this.#phase === "replaying") this.#whenLive.push(act);
      },
      append: (kind, key, body) => this.#writer.append(kind, key, body).seq,
      arrive: (kind, key, body, delivery) => {
        if (this.#phase === "over") return;
        this.#queue.push(delivery(this.#writer.append(kind, key, body)));
        this.#pump();
      },
      given: (answer) => this.#given.add(answer),
      takeGiven: (kind, key) => this.#given.take(kind, key),
      disagree: (mismatch) => this.#disagree(mismatch),
      rest: () => this.#pump(),
    };
  }
}

/** A program that throws before its first promise has failed like any other. */
async function runProgram(
  program: DurableProgram,
  port: ProgramPort,
  input: Json,
  restored: Json | undefined,
): Promise<Json> {
  return restored === undefined ? program(port, input) : program(port, input, restored);
}
