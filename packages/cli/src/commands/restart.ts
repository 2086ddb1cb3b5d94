import type { CommandCall } from "../command.ts";
import { stopForCommand } from "../platform/stop-platform.ts";
import { run as up } from "./up.ts";

/** Stops what runs and starts the version of this command. */
export async function run(call: CommandCall): Promise<number> {
  await stopForCommand(call);
  return up(call);
}
