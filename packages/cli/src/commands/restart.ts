import type { CommandCall } from "../command.ts";
import { stopPlatform } from "../platform/stop-platform.ts";
import { run as up } from "./up.ts";

/** Stops what runs and starts the version of this command. */
export async function run(call: CommandCall): Promise<number> {
  await stopPlatform(call.context.paths);
  return up(call);
}
