import type { Core } from "./core.ts";
import { digestInput } from "./digest.ts";
import type { EffectCall } from "./durable.ts";
import { EffectRun } from "./effect-run.ts";
import { JOURNAL_VERSION, JournalMismatch, type Outcome } from "./entry.ts";
import { CancelledError, DurableFailure } from "./failure.ts";
import type { Json } from "./json.ts";
import { unknownOutcome } from "./problems.ts";
import { type Answer, createAnswer, rejected, type ScopeNode } from "./scope-node.ts";

interface OpenEffect {
  readonly call: EffectCall;
  readonly digest: string;
  readonly answer: Answer<Json>;
  readonly scope: ScopeNode;
  /** `recorded`: its result is in the queue; `new`: not begun; `begun`: an intent without a result. */
  readonly origin: "recorded" | "begun" | "new";
  /** The execution was cancelled while it ran: its result stays in the log although nobody hears it. */
  isKept: boolean;
  cancel(): void;
}

/** Entries that may wait for the disk before even harmless effects wait too: a quick program must not outrun its host. */
const MAX_UNACKED = 1000;

interface GatedEffect {
  readonly seq: number;
  readonly effect: OpenEffect;
}

/** The touches of the world of one execution: begun once what they depend on is safe, recorded once. */
export class Effects {
  readonly #core: Core;
  readonly #open = new Map<string, OpenEffect>();
  readonly #seen = new Set<string>();
  /** Not begun because the execution is paused or its host stops. */
  #held: OpenEffect[] = [];
  /** Wait for the acknowledgement of `seq`. */
  #gated: GatedEffect[] = [];
  readonly #runs = new Map<string, EffectRun>();
  #isHolding = false;
  #keepsLateResults = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Effects that run or are about to, also ones whose scope was cancelled. */
  get activeCount(): number {
    return this.#runs.size + this.#gated.length;
  }

  /** Effects that run, also ones whose scope was cancelled. */
  get runningCount(): number {
    return this.#runs.size;
  }

  /** Calls without an answer. */
  get openCount(): number {
    return this.#open.size;
  }

  hasSeen(key: string): boolean {
    return this.#seen.has(key);
  }

  call(scope: ScopeNode, call: EffectCall): Promise<Json> {
    const { key } = call;
    if (this.#seen.has(key)) return rejected(new Error(`Cannot call effect "${key}": its key was used before`));
    this.#seen.add(key);
    const digest = digestInput([call.kind, call.input]);
    const given = this.#core.takeGiven("result", key);
    if (given?.kind === "result" && given.digest === digest) return answerOf(given.outcome);
    return this.#start(scope, call, digest);
  }

  /** A recorded result reaches the program; a late one is dropped. */
  answer(key: string, outcome: Outcome): void {
    const effect = this.#open.get(key);
    if (effect === undefined) return;
    this.#open.delete(key);
    effect.scope.delete(effect);
    this.#core.given({ kind: "result", key, digest: effect.digest, outcome });
    if ("ok" in outcome) effect.answer.resolve(outcome.ok);
    else effect.answer.reject(new DurableFailure(outcome.failure));
  }

  /** Everything up to `seq` is safe. */
  acknowledge(seq: number): void {
    if (this.#gated.length === 0) return;
    const open = this.#gated.filter((gated) => gated.seq <= seq);
    this.#gated = this.#gated.filter((gated) => gated.seq > seq);
    for (const { effect } of open) {
      // An intent is written already: what is not begun now would be an unknown outcome later.
      if (this.#isHolding && effect.call.crash !== "unknown") this.#held.push(effect);
      else this.#run(effect);
    }
  }

  /** No new effect begins until `release`. */
  hold(): void {
    this.#isHolding = true;
  }

  release(): void {
    this.#isHolding = false;
    const held = this.#held;
    this.#held = [];
    for (const effect of held) this.#begin(effect);
  }

  /** The whole execution is being cancelled. */
  keepLateResults(): void {
    this.#keepsLateResults = true;
  }

  /** A snapshot was taken: earlier keys need not be known. */
  forget(): void {
    this.#seen.clear();
  }

  /** Asks everything that runs to stop and forgets it. */
  close(): void {
    for (const run of this.#runs.values()) run.drop();
    this.#runs.clear();
    this.#gated = [];
    this.#held = [];
    this.#open.clear();
  }

  #start(scope: ScopeNode, call: EffectCall, digest: string): Promise<Json> {
    let claim: "result" | "intent" | undefined;
    try {
      claim = this.#core.recorded.claimEffect(call.key, call.kind, digest);
    } catch (error) {
      if (!(error instanceof JournalMismatch)) throw error;
      this.#core.disagree(error);
      return new Promise(() => {});
    }
    const origin = claim === "result" ? "recorded" : claim === "intent" ? "begun" : "new";
    const answer = createAnswer<Json>();
    const effect: OpenEffect = {
      call,
      digest,
      answer,
      scope,
      origin,
      isKept: false,
      cancel: () => this.#cancel(effect),
    };
    this.#open.set(call.key, effect);
    scope.add(effect);
    if (origin !== "recorded") this.#core.whenLive(() => this.#begin(effect));
    return answer.promise;
  }

  #begin(effect: OpenEffect): void {
    const { call, digest, origin } = effect;
    if (this.#open.get(call.key) !== effect) return;
    if (origin === "begun") return this.#record(effect, { failure: unknownOutcome(call.key) });
    if (this.#isHolding) {
      this.#held.push(effect);
      return;
    }
    const windowSeq = this.#core.lastFactSeq - MAX_UNACKED;
    const seq = Math.max(this.#gateOf(call, digest), windowSeq);
    if (seq <= this.#core.ackedSeq) this.#run(effect);
    else this.#gated.push({ seq, effect });
  }

  /** The entry that must be safe before the effect may begin. */
  #gateOf(call: EffectCall, digest: string): number {
    if (call.kind === "emit") return 0;
    switch (call.crash) {
      case "safe":
        return 0;
      case "repeat":
        return this.#core.lastFactSeq;
      case "unknown":
        return this.#core.append("intent", call.key, JSON.stringify({ v: JOURNAL_VERSION, call: call.kind, digest }));
    }
  }

  #run(effect: OpenEffect): void {
    const { key, kind, input } = effect.call;
    if (kind === "emit") return this.#record(effect, { ok: input }); // the host publishes it with its entry
    const done = (outcome: Outcome) => {
      this.#runs.delete(key);
      if (this.#open.get(key) === effect || effect.isKept) this.#record(effect, outcome);
      this.#core.rest();
    };
    this.#runs.set(
      key,
      new EffectRun({ executionId: this.#core.executionId, call: effect.call, port: this.#core.port, done }),
    );
  }

  #record({ call, digest }: OpenEffect, outcome: Outcome): void {
    const { key } = call;
    const body = JSON.stringify({ v: JOURNAL_VERSION, call: call.kind, digest, ...outcome });
    this.#core.arrive("result", key, body, (at) => ({ ...at, kind: "result", key, outcome }));
  }

  #cancel(effect: OpenEffect): void {
    const { key } = effect.call;
    if (!this.#open.delete(key)) return;
    effect.isKept = this.#keepsLateResults;
    this.#gated = this.#gated.filter((gated) => gated.effect !== effect);
    this.#runs.get(key)?.abort();
    effect.answer.reject(new CancelledError());
  }
}

function answerOf(outcome: Outcome): Promise<Json> {
  return "ok" in outcome ? Promise.resolve(outcome.ok) : rejected(new DurableFailure(outcome.failure));
}
