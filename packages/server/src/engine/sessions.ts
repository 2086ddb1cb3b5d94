import type { EntryFrame, EventFrame, HelloFrame, RunnerFrame } from "@stigmer/api";
import { readItems } from "./lease-reading.ts";
import type { Live } from "./live.ts";
import { type AppendWords, append, park, release } from "./runner-leases.ts";
import { type RunnerChannel, RunnerSession } from "./runner-session.ts";
import type { Scheduler } from "./scheduler.ts";
import type { TokenPlane } from "./token-plane.ts";

/** A runner's stream as the transport sees it. */
export interface AttachedRunner {
  /** @throws {Error} if the first frame has no hello */
  receive(frame: RunnerFrame): void;
  /** The stream ended; what it held may be reclaimed for a moment. */
  closed(): void;
}

/** Takes streams of runners in, and back. */
export class Sessions {
  readonly #scheduler: Scheduler;
  readonly #tokens: TokenPlane;

  constructor(scheduler: Scheduler, tokens: TokenPlane) {
    this.#scheduler = scheduler;
    this.#tokens = tokens;
  }

  attach(channel: RunnerChannel): AttachedRunner {
    const session = new RunnerSession(channel, this.#scheduler.options.clock.now());
    return {
      receive: (frame) => this.#receive(session, frame),
      closed: () => this.#closed(session),
    };
  }

  /** The process is gone for certain: what it held is free at once. */
  gone(instance: string, message: string): void {
    for (const session of this.#ofInstance(instance)) this.#detach(session);
    this.#freeAfterDeath([...this.#livesOf(instance)], message);
  }

  /** Sends what is due to all. */
  flush(): void {
    for (const session of this.#scheduler.sessions) session.flush();
  }

  #receive(session: RunnerSession, frame: RunnerFrame): void {
    if (frame.hello) this.#welcome(session, frame.hello);
    if (session.instance === "")
      throw new Error("Cannot use the stream: its first frame has no hello with an instance");
    if (!session.isOpen) return;
    for (const words of appendsOf(frame)) append(this.#scheduler, session, words);
    for (const one of frame.parks ?? []) park(this.#scheduler, session, one);
    for (const one of frame.releases ?? []) release(this.#scheduler, session, one);
    for (const token of frame.tokens ?? []) {
      const no = Number(token.execution ?? 0);
      if (this.#scheduler.lives.get(no)?.holder === session) this.#tokens.add(no, token);
    }
    session.flush();
  }

  #welcome(session: RunnerSession, hello: HelloFrame): void {
    const instance = hello.instance ?? "";
    for (const old of this.#ofInstance(instance)) if (old !== session) this.#detach(old);
    session.greet(hello);
    this.#scheduler.sessions.add(session);
    for (const claim of hello.held ?? []) this.#reclaim(session, Number(claim.execution ?? 0), claim.epoch ?? 0);
    for (const live of this.#livesOf(instance)) if (!live.holder) this.#scheduler.free(live, { kind: "returned" });
    this.#scheduler.dispatch();
  }

  /** What is on disk is acknowledged, and what may have been lost on the way is sent again. */
  #reclaim(session: RunnerSession, no: number, epoch: number): void {
    const live = this.#scheduler.lives.get(no);
    if (!live || live.isQueued || live.epoch !== epoch || live.instance !== session.instance || live.holder) {
      return session.refuse(no, epoch);
    }
    live.holder = session;
    session.held.set(no, live);
    session.ack(no, live.safeSeq);
    try {
      this.#sendAgain(live, session);
    } catch (error) {
      this.#scheduler.corrupt(live, error);
    }
  }

  #sendAgain(live: Live, session: RunnerSession): void {
    const { store } = this.#scheduler.options;
    const row = store.read.get<{ inbox_seen: number }>("select inbox_seen from execution where no = ?", live.no);
    const items = readItems(store, live.no, row?.inbox_seen ?? 0);
    live.inboxSent = Number(items.at(-1)?.n ?? live.inboxSent);
    if (items.length > 0) session.deliver(live.no, items);
  }

  #closed(session: RunnerSession): void {
    if (!session.isOpen) return;
    const lost = [...session.held.values()];
    this.#detach(session);
    if (lost.length === 0) return;
    const { clock, limits } = this.#scheduler.options;
    clock.after(limits.reclaimGraceMs, () => this.#giveUp(lost));
  }

  #giveUp(lost: readonly Live[]): void {
    const message = "the runner's stream ended and it did not come back";
    this.#freeAfterDeath(lost, message);
  }

  /** What the dead runner carried goes back, but for what another stream of the same runner holds again. */
  #freeAfterDeath(lost: readonly Live[], message: string): void {
    const company = lost.length > 1 ? "shared" : "alone";
    for (const live of lost) {
      if (!live.holder) this.#scheduler.free(live, { kind: "death", reason: "RUNNER_CRASHED", message, company });
    }
    this.flush();
  }

  #detach(session: RunnerSession): void {
    session.isOpen = false;
    this.#scheduler.sessions.delete(session);
    for (const live of session.held.values()) live.holder = undefined;
    session.held.clear();
  }

  #ofInstance(instance: string): readonly RunnerSession[] {
    return [...this.#scheduler.sessions].filter((session) => session.instance === instance);
  }

  #livesOf(instance: string): readonly Live[] {
    return [...this.#scheduler.lives.values()].filter((live) => live.instance === instance && !live.isQueued);
  }
}

/** What a frame says of each execution, entries in order. */
function appendsOf(frame: RunnerFrame): readonly AppendWords[] {
  const words = new Map<string, { no: number; epoch: number; entries: EntryFrame[]; events: EventFrame[] }>();
  const of = (execution = 0n, epoch = 0) => {
    const name = `${execution} ${epoch}`;
    const known = words.get(name);
    if (known) return known;
    const made = { no: Number(execution), epoch, entries: [], events: [] };
    words.set(name, made);
    return made;
  };
  for (const entry of frame.entries ?? []) of(entry.execution, entry.epoch).entries.push(entry);
  for (const batch of frame.events ?? []) of(batch.execution, batch.epoch).events.push(...(batch.events ?? []));
  return [...words.values()];
}
