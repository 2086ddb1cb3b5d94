import type { Terminal } from "../terminal.ts";
import { createJunitReporter } from "./report-junit.ts";
import { createPrettyReporter } from "./report-pretty.ts";
import { createTapReporter } from "./report-tap.ts";
import type { Reporter } from "./test-outcome.ts";

/** Forms of the report, by the name of `--reporter`. */
export const REPORTERS: Readonly<Record<string, (terminal: Terminal) => Reporter>> = {
  pretty: createPrettyReporter,
  tap: createTapReporter,
  junit: createJunitReporter,
};
