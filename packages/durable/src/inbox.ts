import type { Core } from "./core.ts";
import type { InboxItem, ReceiveCall } from "./durable.ts";
import { CancelledError } from "./failure.ts";
import { type Answer, createAnswer, rejected, type ScopeNode } from "./scope-node.ts";

interface OpenReceive {
  readonly call: ReceiveCall;
  readonly answer: Answer<InboxItem>;
  cancel(): void;
}

/** Receives that wait and items that nobody waited for, both in order. */
export class Inbox {
  readonly #core: Core;
  readonly #open = new Map<OpenReceive, ScopeNode>();
  readonly #buffer: InboxItem[] = [];

  constructor(core: Core, buffered: readonly InboxItem[]) {
    this.#core = core;
    this.#buffer.push(...buffered);
  }

  get buffered(): readonly InboxItem[] {
    return this.#buffer;
  }

  receive(scope: ScopeNode, call: ReceiveCall): Promise<InboxItem> {
    const given = this.#core.takeGiven("item", call.key);
    if (given?.kind === "item") return Promise.resolve(given.item);
    let index: number;
    try {
      index = this.#buffer.findIndex((item) => call.match(item));
    } catch (error) {
      return rejected(asError(error));
    }
    const [item] = index < 0 ? [] : this.#buffer.splice(index, 1);
    if (item === undefined) return this.#wait(scope, call);
    this.#core.given({ kind: "item", key: call.key, item });
    return Promise.resolve(item);
  }

  /** An item reaches the program: the first receive that accepts it gets it, or it waits. */
  accept(item: InboxItem): void {
    for (const [receive, scope] of this.#open) {
      const verdict = accepts(receive, item);
      if (verdict === false) continue;
      this.#open.delete(receive);
      scope.delete(receive);
      if (verdict !== true) {
        receive.answer.reject(verdict);
        continue;
      }
      this.#core.given({ kind: "item", key: receive.call.key, item });
      receive.answer.resolve(item);
      return;
    }
    this.#buffer.push(item);
  }

  #wait(scope: ScopeNode, call: ReceiveCall): Promise<InboxItem> {
    const answer = createAnswer<InboxItem>();
    const receive: OpenReceive = {
      call,
      answer,
      cancel: () => {
        this.#open.delete(receive);
        answer.reject(new CancelledError());
      },
    };
    this.#open.set(receive, scope);
    scope.add(receive);
    return answer.promise;
  }
}

/** A match that throws is an error of the program and rejects its own receive. */
function accepts(receive: OpenReceive, item: InboxItem): boolean | Error {
  try {
    return receive.call.match(item);
  } catch (error) {
    return asError(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
