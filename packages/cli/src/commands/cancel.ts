import { randomUUID } from "node:crypto";
import { withClient } from "../client/connection.ts";
import { phaseWord } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";

/** Cancels an execution; a second call changes nothing. */
export async function run(call: CommandCall): Promise<number> {
  const [id = ""] = call.args;
  return withClient(call.context, async (client) => {
    const { execution } = await (await client.executions()).cancel({
      id,
      force: call.options.isSet("force"),
      reason: call.options.text("reason") ?? "",
      idempotencyKey: randomUUID(),
    });
    if (execution) call.context.terminal.out(`${execution.id} ${phaseWord(execution.phase)}\n`);
    return 0;
  });
}
