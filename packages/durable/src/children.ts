import type { Core } from "./core.ts";
import { childExecutionId, digestInput } from "./digest.ts";
import type { ChildCall } from "./durable.ts";
import { type ChildOutcome, isMap, JOURNAL_VERSION, JournalMismatch, readChildOutcome } from "./entry.ts";
import { CancelledError, DurableFailure } from "./failure.ts";
import type { Json } from "./json.ts";
import { RUNTIME_ERROR } from "./problems.ts";
import { type Answer, createAnswer, type ScopeNode } from "./scope-node.ts";

interface OpenChild {
  readonly answer: Answer<Json>;
  readonly scope: ScopeNode;
  cancel(): void;
}

interface WaitedChild {
  readonly digest: string;
  /** Its end, kept for the turn in which it was delivered. */
  readonly outcome?: ChildOutcome;
}

/** Child executions: started by an entry, ended by an item of the inbox. */
export class Children {
  readonly #core: Core;
  readonly #open = new Map<string, OpenChild>();
  /** Children started to be waited for, by key, until their end was heard. */
  readonly #waited = new Map<string, WaitedChild>();

  constructor(core: Core) {
    this.#core = core;
    for (const { key, ...child } of core.recorded.snapshot?.children ?? []) this.#waited.set(key, child);
  }

  /** How many children that were waited for still run. */
  get runningCount(): number {
    let count = 0;
    for (const child of this.#waited.values()) if (child.outcome === undefined) count++;
    return count;
  }

  /** For a snapshot: what runs, and what ended in this turn and may be unheard. */
  get list(): readonly ({ readonly key: string } & WaitedChild)[] {
    return [...this.#waited].map(([key, child]) => ({ key, ...child }));
  }

  call(scope: ScopeNode, call: ChildCall): Promise<Json> {
    const digest = digestInput([call.program, call.target, call.input, call.mode]);
    let isRecorded: boolean;
    try {
      isRecorded = this.#core.recorded.claimChild(call.key, digest) !== undefined;
    } catch (error) {
      if (!(error instanceof JournalMismatch)) throw error;
      this.#core.disagree(error);
      return new Promise(() => {});
    }
    if (call.mode === "wait") return this.#wait(scope, call, digest, isRecorded ? "recorded" : "new");
    if (!isRecorded) this.#core.whenLive(() => this.#append(call, digest));
    return Promise.resolve({ id: childExecutionId({ parentId: this.#core.executionId, ...call }) });
  }

  /** A child's end reaches the program; false if the item cannot be read. */
  ended(item: Json): boolean {
    const outcome = isMap(item) ? readChildOutcome(item.outcome) : undefined;
    if (!isMap(item) || typeof item.key !== "string" || outcome === undefined) return false;
    this.#settle(item.key, outcome);
    return true;
  }

  #settle(key: string, outcome: ChildOutcome): void {
    const waited = this.#waited.get(key);
    if (waited !== undefined) this.#waited.set(key, { ...waited, outcome });
    const child = this.#open.get(key);
    if (child === undefined) return;
    this.#open.delete(key);
    child.scope.delete(child);
    settle(child.answer, outcome);
  }

  /** A new turn begins: what was delivered in the last one is heard. */
  forgetEnded(): void {
    for (const [key, child] of this.#waited) if (child.outcome !== undefined) this.#waited.delete(key);
  }

  #wait(scope: ScopeNode, call: ChildCall, digest: string, origin: "recorded" | "new"): Promise<Json> {
    const { key } = call;
    const answer = createAnswer<Json>();
    const outcome = this.#waited.get(key)?.outcome;
    if (outcome !== undefined) {
      settle(answer, outcome);
      return answer.promise;
    }
    const child: OpenChild = { answer, scope, cancel: () => this.#cancel(key) };
    this.#open.set(key, child);
    scope.add(child);
    if (origin === "recorded") this.#waited.set(key, { digest });
    else {
      this.#core.whenLive(() => {
        if (this.#open.get(key) !== child) return;
        this.#waited.set(key, { digest });
        this.#append(call, digest);
      });
    }
    return answer.promise;
  }

  #append(call: ChildCall, digest: string): void {
    const { program, target, input, mode } = call;
    this.#core.append("child", call.key, JSON.stringify({ v: JOURNAL_VERSION, digest, program, target, input, mode }));
  }

  /** The scope of a child that is waited for ends: the child is told, and nobody waits for it. */
  #cancel(key: string): void {
    const child = this.#open.get(key);
    if (child === undefined) return;
    this.#open.delete(key);
    child.answer.reject(new CancelledError());
    if (!this.#waited.has(key) || this.#core.recorded.hasChildCancel(key)) return;
    this.#core.whenLive(() => {
      const waited = this.#waited.get(key);
      if (waited === undefined || waited.outcome !== undefined) return;
      this.#core.append("child_cancel", key, JSON.stringify({ v: JOURNAL_VERSION }));
    });
  }
}

function settle(answer: Answer<Json>, outcome: ChildOutcome): void {
  if ("ok" in outcome) answer.resolve(outcome.ok);
  else if ("failure" in outcome) answer.reject(new DurableFailure(outcome.failure));
  else answer.reject(new DurableFailure({ type: RUNTIME_ERROR, status: 500, title: "child cancelled" }));
}
