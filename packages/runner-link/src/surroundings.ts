import type { Clock } from "@stigmer/durable";

/** Time, chance and turns of the event loop, for simulations to replace. */
export interface Surroundings extends Clock {
  /** Calls `done` when all promises that can settle have settled. */
  settle(done: () => void): void;
  /** Calls `act` when everything of this turn of the event loop has been said. */
  endOfTurn(act: () => void): void;
  /** Monotonic milliseconds. */
  stopwatch(): number;
  /** Milliseconds of CPU that this thread has used; absent: the stopwatch counts. */
  cpuMs?(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** 128 random bits as 32 hexadecimal digits. */
  seed(): string;
}

/** How long a timer sleeps before it looks at the wall clock again, ms: Node's timers stand still while a machine sleeps. */
const MAX_DELAY_MS = 60_000;

/** The real ones. */
export const nodeSurroundings: Surroundings = {
  now: () => Date.now(),
  setTimer,
  settle: afterMicrotasks,
  endOfTurn: afterMicrotasks,
  stopwatch: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
  random: () => Math.random(),
  seed: () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex"),
};

/** A tick that is asked for by a microtask comes when no microtask is left; a tick among ticks would come before them. */
function afterMicrotasks(act: () => void): void {
  queueMicrotask(() => process.nextTick(act));
}

/** A timer by wall clock: it fires soon after the machine wakes, and not early when the clock was set back. */
function setTimer(atMs: number, fire: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    timer = setTimeout(ring, Math.min(Math.max(atMs - Date.now(), 0), MAX_DELAY_MS));
  };
  const ring = () => (Date.now() >= atMs ? fire() : arm());
  arm();
  return () => clearTimeout(timer);
}
