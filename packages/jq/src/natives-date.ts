import type { Natives } from "./native.ts";

/** Functions on dates, all in UTC. */
export const DATE_NATIVES: Natives = {};
