import type { CommandCall } from "../command.ts";
import { stopForCommand } from "../platform/stop-platform.ts";

/** Stops the platform; nothing that runs is lost. */
export async function run(call: CommandCall): Promise<number> {
  const didRun = await stopForCommand(call);
  call.context.terminal.err(didRun ? "stigmer stopped\n" : "stigmer was not running\n");
  return 0;
}
