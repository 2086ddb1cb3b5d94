import { toJson } from "@bufbuild/protobuf";
import { SessionSchema } from "@stigmer/api";
import { withClient } from "../client/connection.ts";
import { age } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { printRows } from "../print.ts";

/** Lists conversations. */
export async function run(call: CommandCall): Promise<number> {
  return withClient(call.context, async (client) => {
    const { sessions } = await (await client.sessions()).listSessions({
      namespace: call.options.text("namespace") ?? "",
      agent: call.options.text("agent") ?? "",
    });
    await printRows({
      call,
      rows: sessions,
      columns: [
        { title: "ID", value: (row) => row.id },
        { title: "AGENT", value: (row) => `${row.agent?.namespace}/${row.agent?.name}` },
        { title: "TURNS", value: (row) => String(row.executions) },
        { title: "UPDATED", value: (row) => age(row.updatedAt) },
      ],
      data: (row) => toJson(SessionSchema, row),
      name: (row) => row.id,
      empty: "no sessions; begin with: stigmer run AGENT -m 'hello'",
    });
    return 0;
  });
}
