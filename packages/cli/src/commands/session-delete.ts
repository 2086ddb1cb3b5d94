import { withClient } from "../client/connection.ts";
import type { CommandCall } from "../command.ts";

/** Deletes a conversation and its memory. */
export async function run(call: CommandCall): Promise<number> {
  const [id = ""] = call.args;
  return withClient(call.context, async (client) => {
    await (await client.sessions()).deleteSession({ id });
    call.context.terminal.err(`session ${id} deleted\n`);
    return 0;
  });
}
