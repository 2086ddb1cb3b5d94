import type { Clock } from "@stigmer/durable";

/** Longest delay that a timer of Node takes. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Real time with real timers. */
export function localClock(): Clock {
  return {
    now: Date.now,
    setTimer(atMs, fire) {
      let timer: NodeJS.Timeout;
      const arm = () => {
        const left = atMs - Date.now();
        timer = left > MAX_DELAY_MS ? setTimeout(arm, MAX_DELAY_MS) : setTimeout(fire, Math.max(0, left));
      };
      arm();
      return () => clearTimeout(timer);
    },
  };
}
