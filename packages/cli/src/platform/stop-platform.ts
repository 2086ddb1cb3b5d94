import type { HomePaths } from "@stigmer/lifecycle";
import { CLI_EXIT, CliError } from "../cli-error.ts";
import { connectControl } from "../supervisor/control-socket.ts";
import { controlSocketPath } from "../supervisor/run-supervisor.ts";

/** All stop deadlines of the supervisor together, and a little more. */
const STOP_DEADLINE_MS = 45_000;

/**
 * Stops the platform and waits until it is gone.
 *
 * @returns false when nothing ran
 */
export async function stopPlatform(paths: HomePaths): Promise<boolean> {
  const connection = await connectControl(controlSocketPath(paths));
  if (!connection) return false;
  const deadline = setTimeout(() => connection.close(), STOP_DEADLINE_MS);
  let isLate = false;
  deadline.ref();
  try {
    void connection.ask({ command: "stop" });
    await connection.closed;
    isLate = (await connectControl(controlSocketPath(paths))) !== undefined;
  } finally {
    clearTimeout(deadline);
  }
  if (isLate) {
    throw new CliError({
      reason: "PLATFORM_STOP_TIMEOUT",
      message: "Cannot stop the platform: its supervisor still runs after 45 s",
      next: "stigmer logs supervisor",
      exitCode: CLI_EXIT.timeout,
    });
  }
  return true;
}
