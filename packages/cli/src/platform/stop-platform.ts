import type { HomePaths } from "@stigmer/lifecycle";
import { CLI_EXIT, CliError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { connectControl } from "../supervisor/control-socket.ts";
import { controlSocketPath } from "../supervisor/run-supervisor.ts";

/** Time for running effects to end before a platform stops, ms. */
const DRAIN_MS = 30_000;
/** All stop deadlines of the supervisor beyond the grace, and a little more, ms. */
const STOP_DEADLINE_MS = 30_000;
/** A stop that takes longer says what it waits for, ms. */
const QUIET_MS = 1_000;

export interface StopPlatformParams {
  readonly paths: HomePaths;
  /** `drain`: running effects get 30 s; what did not end is decided by its crash class. `now`: they get none. */
  readonly manner: "drain" | "now";
  /** Called when the stop takes longer than a second. */
  readonly onWait?: () => void;
}

/**
 * Stops what runs as `down` and `restart` do: with `--now` at once, else with a drain that a person hears about.
 *
 * @returns false when nothing ran
 */
export function stopForCommand(call: CommandCall): Promise<boolean> {
  const { paths, terminal } = call.context;
  if (call.options.isSet("now")) return stopPlatform({ paths, manner: "now" });
  const onWait = () =>
    terminal.err(`waiting up to ${DRAIN_MS / 1000} s for running effects; stigmer down --now ends them\n`);
  return stopPlatform({ paths, manner: "drain", onWait });
}

/**
 * Stops the platform and waits until it is gone.
 *
 * @returns false when nothing ran
 */
export async function stopPlatform({ paths, manner, onWait }: StopPlatformParams): Promise<boolean> {
  const connection = await connectControl(controlSocketPath(paths));
  if (!connection) return false;
  const graceMs = manner === "drain" ? DRAIN_MS : 0;
  const deadline = setTimeout(() => connection.close(), STOP_DEADLINE_MS + graceMs);
  const talk = setTimeout(() => onWait?.(), QUIET_MS);
  let isLate = false;
  deadline.ref();
  try {
    void connection.ask({ command: "stop", graceMs });
    await connection.closed;
    isLate = (await connectControl(controlSocketPath(paths))) !== undefined;
  } finally {
    clearTimeout(deadline);
    clearTimeout(talk);
  }
  if (isLate) {
    throw new CliError({
      reason: "PLATFORM_STOP_TIMEOUT",
      message: "Cannot stop the platform: its supervisor still runs",
      next: "stigmer logs supervisor",
      exitCode: CLI_EXIT.timeout,
    });
  }
  return true;
}
