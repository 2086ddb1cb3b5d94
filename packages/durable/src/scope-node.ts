import { CancelledError } from "./failure.ts";

/** Something that a scope ends when it is cancelled. */
export interface Cancellable {
  cancel(): void;
}

/** One node in the tree of cancellation scopes; members end in the order in which they began. */
export class ScopeNode implements Cancellable {
  readonly #parent: ScopeNode | undefined;
  readonly #members = new Set<Cancellable>();
  #phase: "open" | "cancelled" | "ended" = "open";

  constructor(parent?: ScopeNode) {
    this.#parent = parent;
    if (parent === undefined) return;
    if (parent.isOpen) parent.add(this);
    else this.#phase = "cancelled";
  }

  get isOpen(): boolean {
    return this.#phase === "open";
  }

  add(member: Cancellable): void {
    this.#members.add(member);
  }

  delete(member: Cancellable): void {
    this.#members.delete(member);
  }

  cancel(): void {
    if (this.#phase !== "open") return;
    this.#phase = "cancelled";
    this.#cancelMembers();
  }

  /** The body is over: what it left running ends with it. */
  end(): void {
    this.#phase = "ended";
    this.#cancelMembers();
    this.#parent?.delete(this);
  }

  #cancelMembers(): void {
    for (const member of [...this.#members]) member.cancel();
    this.#members.clear();
  }
}

/** A promise that the host answers; nobody has to listen to its rejection. */
export interface Answer<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Makes an answer whose rejection is never "unhandled": a cancelled branch may have stopped listening. */
export function createAnswer<T>(): Answer<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  promise.then(undefined, ignore);
  return { promise, resolve, reject };
}

/** A promise that is already rejected, without ever being "unhandled". */
export function rejected<T>(error: Error): Promise<T> {
  const promise = Promise.reject<T>(error);
  promise.then(undefined, ignore);
  return promise;
}

/** What every call through a cancelled scope gets. */
export function rejectCancelled<T>(): Promise<T> {
  return rejected(new CancelledError());
}

function ignore(): void {}
