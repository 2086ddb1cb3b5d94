import { withClient } from "../client/connection.ts";
import { age } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { printRows } from "../print.ts";

/** Lists the names of secrets. */
export async function run(call: CommandCall): Promise<number> {
  return withClient(call.context, async (client) => {
    const { secrets } = await (await client.resources()).listSecrets({
      namespace: call.options.text("namespace") ?? "",
      environment: call.options.text("environment") ?? "",
    });
    await printRows({
      call,
      rows: secrets,
      columns: [
        { title: "NAME", value: (row) => row.name },
        { title: "UPDATED", value: (row) => age(row.updatedAt) },
      ],
      data: ({ name }) => ({ name }),
      name: (row) => row.name,
      empty: "no secrets",
    });
    return 0;
  });
}
