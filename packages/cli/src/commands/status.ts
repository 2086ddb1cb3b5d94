import type { CommandCall } from "../command.ts";
import { describePlatform, renderPlatform } from "../platform/describe-platform.ts";
import { printObject } from "../print.ts";
import { readStateFile } from "../supervisor/state-file.ts";

/** Exit codes of `status`. */
const EXIT_OF_HEALTH = { healthy: 0, degraded: 1, stopped: 3 } as const;

/** Says the health of the platform; exit 0 healthy, 1 degraded, 3 not running. */
export async function run(call: CommandCall): Promise<number> {
  const state = readStateFile(call.context.paths.state);
  const report = describePlatform(state);
  await printObject(call, { data: report, name: report.health, text: renderPlatform(report, state) });
  return EXIT_OF_HEALTH[report.health];
}
