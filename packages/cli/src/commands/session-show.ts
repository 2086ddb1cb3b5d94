import { withClient } from "../client/connection.ts";
import type { CommandCall } from "../command.ts";
import { printObject } from "../print.ts";

/** Prints the messages of a conversation. */
export async function run(call: CommandCall): Promise<number> {
  const [sessionId = ""] = call.args;
  return withClient(call.context, async (client) => {
    const { messages } = await (await client.sessions()).listMessages({ sessionId });
    const lines = messages.map((message) => {
      const text = typeof message.text === "string" ? message.text : JSON.stringify(message.content ?? message);
      return `${String(message.role ?? "?").padEnd(10)} ${text}`;
    });
    await printObject(call, { data: messages, name: sessionId, text: lines.join("\n") });
    return 0;
  });
}
