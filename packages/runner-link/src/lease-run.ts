import type { LeaseFrame } from "@stigmer/api";
import {
  Activation,
  type ActivationEnd,
  type ActivationPort,
  type DurableProgram,
  type EffectCall,
  type EffectRunContext,
  type HostItem,
  type IdleState,
  type JournalEntry,
  type Json,
} from "@stigmer/durable";
import { isTooLarge, MAX_ENTRY_BYTES } from "./frame-sizes.ts";
import type { Outbox } from "./outbox.ts";
import { readInput, readItems, readJournalFrames } from "./read-lease.ts";
import type { Surroundings } from "./surroundings.ts";
import type { TurnMeter } from "./turn-meter.ts";
import { type LeaseName, UnsafeWords } from "./unsafe-words.ts";

/** What a lease is carried with. */
export interface LeaseRunParams {
  readonly program: DurableProgram;
  readonly surroundings: Surroundings;
  readonly outbox: Outbox;
  readonly meter: TurnMeter;
  readonly runEffect: (run: LeaseRun, call: EffectCall, context: EffectRunContext) => Promise<Json>;
  /** A report waits for an entry to ride with. */
  readonly onReport: (run: LeaseRun) => void;
  /** It ended, parked or was given back: nothing is left to do here. */
  readonly onOver: (run: LeaseRun, end: ActivationEnd | undefined) => void;
  /** It came to rest, also while the runner stops. */
  readonly onIdle: (run: LeaseRun) => void;
}

/** How long an execution that only waits stays before it parks, ms. */
const LINGER_MS = 20;
/** Timers that are due within this time are waited for here, ms. */
const RESIDENT_MS = 1000;

/** One lease at work: an activation, and its words on the wire until they are safe. */
export class LeaseRun {
  readonly name: LeaseName;
  readonly executionId: string;
  readonly namespace: string;
  readonly programInput: Json;
  readonly #params: LeaseRunParams;
  readonly #activation: Activation;
  readonly #words: UnsafeWords;
  #idle: IdleState | undefined;
  #park: { readonly disarm: () => void } | "sent" | undefined;
  #end: ActivationEnd | undefined;
  #isOver = false;

  /** @throws {SyntaxError} if the lease holds no JSON where it should */
  constructor(lease: LeaseFrame, params: LeaseRunParams) {
    const journal = readJournalFrames(lease.journal ?? []);
    this.#params = params;
    this.name = { execution: BigInt(lease.execution ?? 0), epoch: lease.epoch ?? 0 };
    this.executionId = lease.executionId ?? "";
    this.namespace = lease.namespace ?? "";
    this.programInput = readInput(lease.input ?? "null");
    this.#words = new UnsafeWords(this.name, journal.at(-1)?.seq ?? 0);
    this.#activation = new Activation(
      {
        executionId: this.executionId,
        program: params.program,
        input: this.programInput,
        journal,
        reported: Number(lease.reported ?? 0),
        inbox: readItems(lease.inbox ?? []),
      },
      this.#createPort(),
    );
  }

  begin(): void {
    this.#activation.run();
  }

  /** Whether nothing runs and no answer is outstanding. */
  get isIdle(): boolean {
    return this.#idle !== undefined;
  }

  get runningEffects(): number {
    return this.#activation.runningEffects;
  }

  acknowledge(seq: number): void {
    this.#words.acknowledge(seq);
    this.#activation.acknowledge(seq);
    if (this.#end !== undefined && !this.#words.hasEntries) this.#finish(this.#end);
  }

  /** The park is on disk: the server wakes it by a new lease. */
  parked(): void {
    this.#finish(undefined);
  }

  deliver(items: readonly HostItem[]): void {
    this.#activation.deliver(items);
  }

  /** The runner stops: no new effect begins. */
  hold(): void {
    this.#cancelPark();
    this.#activation.hold();
  }

  /** Gives the lease back; an empty reason puts the execution back in the queue. */
  release(reason: string, message: string): void {
    if (this.#isOver) return;
    this.#params.outbox.release({ ...this.name, reason, message });
    this.#finish(undefined);
  }

  /** Forgets it without a word. */
  drop(): void {
    this.#isOver = true;
    this.#cancelPark();
    this.#activation.drop();
  }

  /** Sends reports that no entry took along. */
  takeBatch() {
    return this.#isOver ? undefined : this.#words.takeBatch();
  }

  /** What a new stream must hear, the wish to park included. */
  resend() {
    const { entries, events } = this.#words.resend();
    const parks = this.#park === "sent" && this.#idle !== undefined ? [this.#parkFrame(this.#idle)] : [];
    return { entries, events, parks };
  }

  #createPort(): ActivationPort {
    const { surroundings, outbox, meter } = this.#params;
    return {
      now: () => surroundings.now(),
      setTimer: (atMs, fire) => surroundings.setTimer(atMs, fire),
      settle: (done) => surroundings.settle(done),
      seed: () => surroundings.seed(),
      append: (entry) => this.#append(entry),
      report: (event) => {
        this.#words.report(event);
        this.#params.onReport(this);
      },
      runEffect: (call, context) => this.#params.runEffect(this, call, context),
      idle: (state) => this.#rest(state),
      ended: (end) => this.#onEnd(end),
      token: (key, offset, text) => outbox.token({ execution: this.name.execution, key, offset: BigInt(offset), text }),
      turn: (phase) => {
        if (phase === "begin") return meter.begin(this);
        const elapsedMs = meter.end(this);
        if (elapsedMs !== undefined) this.#suspendForCpu(elapsedMs);
      },
    };
  }

  #append(entry: JournalEntry): void {
    if (this.#isOver) return;
    this.#cancelPark();
    this.#idle = undefined;
    if (isTooLarge(entry.body)) return this.#suspendForSize(entry);
    this.#params.outbox.entry(this.#words.append(entry));
  }

  #rest(state: IdleState): void {
    this.#idle = state;
    this.#params.onIdle(this);
    if (this.#isOver || this.#park !== undefined) return;
    const { surroundings } = this.#params;
    const isSoon = state.dueAtMs !== undefined && state.dueAtMs - surroundings.now() < RESIDENT_MS;
    if (isSoon && !state.paused) return;
    this.#park = { disarm: surroundings.setTimer(surroundings.now() + LINGER_MS, () => this.#askToPark()) };
  }

  #askToPark(): void {
    this.#park = undefined;
    if (this.#idle === undefined || this.#isOver) return;
    this.#park = "sent";
    const batch = this.takeBatch();
    if (batch !== undefined) this.#params.outbox.events([batch]);
    this.#params.outbox.park(this.#parkFrame(this.#idle));
  }

  #parkFrame({ lastSeq, dueAtMs, inboxSeen, paused }: IdleState) {
    return {
      ...this.name,
      lastSeq: BigInt(lastSeq),
      dueAtMs: BigInt(Math.ceil(dueAtMs ?? 0)),
      inboxSeen: BigInt(inboxSeen),
      paused,
    };
  }

  #cancelPark(): void {
    if (typeof this.#park === "object") this.#park.disarm();
    this.#park = undefined;
  }

  #onEnd(end: ActivationEnd): void {
    if (end.kind === "suspended") {
      this.release(end.reason, end.message);
      return;
    }
    this.#end = end;
  }

  #suspendForCpu(elapsedMs: number): void {
    const message = `one turn of "${this.executionId}" took ${Math.round(elapsedMs)} ms of CPU`;
    this.#activation.suspend({ reason: "CPU_BUDGET", message });
  }

  /** The server would break the stream over it, again and again, for all that this runner holds. */
  #suspendForSize({ kind, key }: JournalEntry): void {
    const what = `the ${kind}${key === "" ? "" : ` of "${key}"`}`;
    this.release("STEP_TOO_LARGE", `${what} has more than ${MAX_ENTRY_BYTES} bytes, the most that is kept of one step`);
  }

  #finish(end: ActivationEnd | undefined): void {
    if (this.#isOver) return;
    this.drop();
    this.#params.onOver(this, end);
  }
}
