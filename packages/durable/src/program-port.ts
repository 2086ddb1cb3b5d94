import type { Children } from "./children.ts";
import type {
  ChildCall,
  DurableScope,
  EffectCall,
  InboxItem,
  ProgramEvent,
  ReceiveCall,
  ScopeCall,
  SleepCall,
} from "./durable.ts";
import type { Effects } from "./effects.ts";
import { CancelledError, DeadlineError } from "./failure.ts";
import type { Inbox } from "./inbox.ts";
import type { Json } from "./json.ts";
import type { SeededRandom } from "./random.ts";
import { createAnswer, rejectCancelled, ScopeNode } from "./scope-node.ts";
import type { Timers } from "./timers.ts";

/** What stands behind a program's port. */
export interface ProgramWorld {
  readonly effects: Effects;
  readonly timers: Timers;
  readonly inbox: Inbox;
  readonly children: Children;
  readonly random: SeededRandom;
  now(): number;
  report(event: ProgramEvent): void;
  offerSnapshot(state: () => Json): void;
  patched(id: string): boolean;
  /** True once if a snapshot says that the timer `key` fired in its turn. */
  takeFired(key: string): boolean;
}

/** The port of a program, bound to one scope. */
export class ProgramPort implements DurableScope {
  readonly #world: ProgramWorld;
  readonly #node: ScopeNode;

  constructor(world: ProgramWorld, node: ScopeNode) {
    this.#world = world;
    this.#node = node;
  }

  effect(call: EffectCall): Promise<Json> {
    return this.#node.isOpen ? this.#world.effects.call(this.#node, call) : rejectCancelled();
  }

  sleepUntil({ key, dueAtMs }: SleepCall): Promise<void> {
    if (!this.#node.isOpen) return rejectCancelled();
    if (this.#world.takeFired(key)) return Promise.resolve();
    const answer = createAnswer<void>();
    const node = this.#node;
    const close = this.#world.timers.open(key, dueAtMs, () => {
      node.delete(sleep);
      answer.resolve();
    });
    const sleep = {
      cancel: () => {
        close();
        answer.reject(new CancelledError());
      },
    };
    node.add(sleep);
    return answer.promise;
  }

  receive(call: ReceiveCall): Promise<InboxItem> {
    return this.#node.isOpen ? this.#world.inbox.receive(this.#node, call) : rejectCancelled();
  }

  child(call: ChildCall): Promise<Json> {
    return this.#node.isOpen ? this.#world.children.call(this.#node, call) : rejectCancelled();
  }

  scope<T>(call: ScopeCall, body: (scope: DurableScope) => Promise<T>): Promise<T> {
    if (!this.#node.isOpen) return rejectCancelled();
    const promise = this.#runScope(call, body);
    promise.then(undefined, () => {}); // a cancelled branch may have stopped listening
    return promise;
  }

  now(): number {
    return this.#world.now();
  }

  random(): number {
    return this.#world.random.random();
  }

  uuid(): string {
    return this.#world.random.uuid();
  }

  report(event: ProgramEvent): void {
    this.#world.report(event);
  }

  snapshot(state: () => Json): void {
    this.#world.offerSnapshot(state);
  }

  patched(id: string): boolean {
    return this.#world.patched(id);
  }

  cancel(): void {
    this.#node.cancel();
  }

  async #runScope<T>(call: ScopeCall, body: (scope: DurableScope) => Promise<T>): Promise<T> {
    const node = new ScopeNode(this.#node);
    const { timers } = this.#world;
    let hasPassed = false;
    const onDeadline = () => {
      hasPassed = node.isOpen;
      node.cancel();
    };
    const isLate = call.deadlineAtMs !== undefined && this.#world.takeFired(call.key);
    if (isLate) onDeadline();
    const close =
      call.deadlineAtMs === undefined || isLate ? undefined : timers.open(call.key, call.deadlineAtMs, onDeadline);
    try {
      const result = await body(new ProgramPort(this.#world, node));
      if (!hasPassed) return result;
    } catch (error) {
      if (!hasPassed) throw error;
    } finally {
      close?.();
      node.end();
    }
    throw new DeadlineError(call.key);
  }
}
