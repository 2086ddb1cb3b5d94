import type { CommandCall } from "../command.ts";
import { settingsOfCall } from "../platform/settings-of-call.ts";
import { printRows } from "../print.ts";

/** Prints every setting with its source. */
export async function run(call: CommandCall): Promise<number> {
  await printRows({
    call,
    rows: settingsOfCall(call.context),
    columns: [
      { title: "KEY", value: (row) => row.key },
      { title: "VALUE", value: (row) => String(row.value) },
      { title: "SOURCE", value: (row) => row.source },
      { title: "DESCRIPTION", value: (row) => row.description },
    ],
    data: (row) => row,
    name: (row) => row.key,
    empty: "no settings",
  });
  return 0;
}
