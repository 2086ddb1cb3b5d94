import type { CommandCall } from "../command.ts";
import { editConfig, findSetting } from "../config/edit-config.ts";

/** Removes one setting. */
export async function run(call: CommandCall): Promise<number> {
  const setting = findSetting(call.args[0] ?? "");
  editConfig(call.context, setting.key, undefined);
  call.context.terminal.err(`${setting.key} is ${setting.fallback} again; stigmer restart makes it hold\n`);
  return 0;
}
