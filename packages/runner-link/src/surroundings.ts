import type { Clock } from "@stigmer/durable";

/** Time, chance and turns of the event loop, for simulations to replace. */
export interface Surroundings extends Clock {
  /** Calls `done` when all promises that can settle have settled. */
  settle(done: () => void): void;
  /** Calls `act` when everything of this turn of the event loop has been said. */
  endOfTurn(act: () => void): void;
  /** Milliseconds for measuring the CPU of a turn; monotonic. */
  stopwatch(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** 128 random bits as 32 hexadecimal digits. */
  seed(): string;
}

/** Longest delay of a Node timer, ms. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The real ones. */
export const nodeSurroundings: Surroundings = {
  now: () => Date.now(),
  setTimer,
  settle: afterMicrotasks,
  endOfTurn: afterMicrotasks,
  stopwatch: () => performance.now(),
  random: () => Math.random(),
  seed: () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex"),
};

/** A tick that is asked for by a microtask comes when no microtask is left; a tick among ticks would come before them. */
function afterMicrotasks(act: () => void): void {
  queueMicrotask(() => process.nextTick(act));
}

/** A timer by wall clock: longer than Node's limit, and looked at again when the clock was set back. */
function setTimer(atMs: number, fire: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    timer = setTimeout(ring, Math.min(Math.max(atMs - Date.now(), 0), MAX_DELAY_MS));
  };
  const ring = () => (Date.now() >= atMs ? fire() : arm());
  arm();
  return () => clearTimeout(timer);
}
