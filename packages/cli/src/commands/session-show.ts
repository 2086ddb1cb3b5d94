import { withClient } from "../client/connection.ts";
import { messageLines } from "../client/message-lines.ts";
import type { CommandCall } from "../command.ts";
import { printObject } from "../print.ts";

/** Prints the messages of a conversation. */
export async function run(call: CommandCall): Promise<number> {
  const [sessionId = ""] = call.args;
  return withClient(call.context, async (client) => {
    const { messages } = await (await client.sessions()).listMessages({ sessionId });
    const text = messages.flatMap(messageLines).join("\n");
    await printObject(call, { data: messages, name: sessionId, text });
    return 0;
  });
}
