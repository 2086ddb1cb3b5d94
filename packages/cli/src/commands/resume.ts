import { randomUUID } from "node:crypto";
import { withClient } from "../client/connection.ts";
import { phaseWord } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";

/** Lets a paused or suspended execution go on. */
export async function run(call: CommandCall): Promise<number> {
  const [id = ""] = call.args;
  return withClient(call.context, async (client) => {
    const { execution } = await (await client.executions()).resume({
      id,
      idempotencyKey: randomUUID(),
    });
    if (execution) call.context.terminal.out(`${execution.id} ${phaseWord(execution.phase)}\n`);
    return 0;
  });
}
