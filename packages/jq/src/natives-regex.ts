import type { Natives } from "./native.ts";

/** Functions with regular expressions. */
export const REGEX_NATIVES: Natives = {};
