import { usageError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { completionScript, SHELLS } from "../completion/completion-script.ts";

/** Prints a completion script. */
export async function run(call: CommandCall): Promise<number> {
  const [named = ""] = call.args;
  const shell = SHELLS.find((known) => known === named);
  if (!shell) throw usageError(`Cannot complete for shell "${named}": it is not one of ${SHELLS.join(", ")}`);
  call.context.terminal.out(completionScript(shell, call.context.commands));
  return 0;
}
