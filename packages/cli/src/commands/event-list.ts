import { toJson } from "@bufbuild/protobuf";
import { PublishedEventSchema } from "@stigmer/api";
import { withClient } from "../client/connection.ts";
import { age } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { printRows } from "../print.ts";

/** Lists published events of the last 24 hours, unmatched ones too. */
export async function run(call: CommandCall): Promise<number> {
  return withClient(call.context, async (client) => {
    const { events } = await (await client.executions()).listPublishedEvents({ pageSize: 100 });
    await printRows({
      call,
      rows: events,
      columns: [
        { title: "ID", value: (row) => String(row.event?.id ?? "") },
        { title: "TYPE", value: (row) => String(row.event?.type ?? "") },
        { title: "SOURCE", value: (row) => String(row.event?.source ?? "") },
        { title: "DELIVERED", value: (row) => String(row.delivered) },
        { title: "AGE", value: (row) => age(row.at) },
      ],
      data: (row) => toJson(PublishedEventSchema, row),
      name: (row) => String(row.event?.id ?? ""),
      empty: "no events",
    });
    return 0;
  });
}
