import { withClient } from "../client/connection.ts";
import type { CommandCall } from "../command.ts";

/** Deletes a secret. */
export async function run(call: CommandCall): Promise<number> {
  const [name = ""] = call.args;
  return withClient(call.context, async (client) => {
    await (await client.resources()).deleteSecret({
      namespace: call.options.text("namespace") ?? "",
      environment: call.options.text("environment") ?? "",
      name,
    });
    call.context.terminal.err(`secret ${name} deleted\n`);
    return 0;
  });
}
