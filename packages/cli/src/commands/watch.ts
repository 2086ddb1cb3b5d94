import { toJson } from "@bufbuild/protobuf";
import { EventSchema } from "@stigmer/api";
import { withClient } from "../client/connection.ts";
import type { CommandCall } from "../command.ts";
import { outputFormat } from "../print.ts";
import { followExecution } from "../run/follow.ts";
import { followAndPrint, type OpenStream, requireGoing } from "../run/follow-and-print.ts";

/** Follows an execution to its end; `-o jsonl` prints its events. */
export async function run(call: CommandCall): Promise<number> {
  const [id = ""] = call.args;
  return withClient(call.context, async (client) => {
    const executions = await client.executions();
    const open: OpenStream = async (signal, tokens) => executions.watch({ id, tokens }, { signal });
    if (outputFormat(call) !== "jsonl") return followAndPrint(call, { client, open, id });
    const { terminal, interrupted } = call.context;
    const end = await followExecution({
      client,
      open: (signal) => open(signal, false),
      withTokens: false,
      signal: interrupted,
      listener: { onEvent: (event) => terminal.out(`${JSON.stringify(toJson(EventSchema, event))}\n`) },
    });
    if (!end) return 130;
    requireGoing(end);
    return 0;
  });
}
