import { usageError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { editConfig, findSetting } from "../config/edit-config.ts";

/** Writes one setting. */
export async function run(call: CommandCall): Promise<number> {
  const [key = "", text = ""] = call.args;
  const setting = findSetting(key);
  const value = setting.parse(text);
  if (value === undefined) throw usageError(`Cannot set "${key}": "${text}" is not ${setting.expected}`);
  editConfig(call.context, key, value);
  call.context.terminal.err(`${key} is ${value}; stigmer restart makes it hold\n`);
  return 0;
}
