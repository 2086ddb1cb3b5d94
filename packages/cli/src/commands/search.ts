import { toJson } from "@bufbuild/protobuf";
import { SearchHitSchema } from "@stigmer/api";
import { withClient } from "../client/connection.ts";
import { kindOfWord } from "../client/kind-words.ts";
import { resourceName } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { printRows } from "../print.ts";

/** Searches names, labels and documents. */
export async function run(call: CommandCall): Promise<number> {
  const kind = call.options.text("kind");
  return withClient(call.context, async (client) => {
    const { hits } = await (await client.resources()).search({
      query: call.args.join(" "),
      kind: kind === undefined ? "" : kindOfWord(kind),
      namespace: call.options.text("namespace") ?? "",
    });
    await printRows({
      call,
      rows: hits,
      columns: [
        { title: "KIND", value: (row) => row.resource?.kind ?? "" },
        { title: "NAME", value: (row) => (row.resource ? resourceName(row.resource) : "") },
        { title: "FOUND", value: (row) => row.snippet.replaceAll(/\s+/g, " ") },
      ],
      data: (row) => toJson(SearchHitSchema, row),
      name: (row) => (row.resource ? resourceName(row.resource) : ""),
      empty: "nothing found",
    });
    return 0;
  });
}
