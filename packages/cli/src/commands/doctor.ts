import type { CommandCall } from "../command.ts";
import type { Check } from "../doctor/check.ts";
import { runChecks } from "../doctor/checks.ts";
import { printRows } from "../print.ts";

/** Checks the machine and the home; exit 1 when something is wrong. */
export async function run(call: CommandCall): Promise<number> {
  const checks = await runChecks(call.context, { depth: call.options.isSet("verify") ? "digests" : "quick" });
  await printRows<Check>({
    call,
    rows: checks,
    columns: [
      { title: "CHECK", value: (row) => row.name },
      { title: "RESULT", value: (row) => row.result },
      { title: "DETAIL", value: (row) => row.detail },
      { title: "NEXT", value: (row) => row.next ?? "" },
    ],
    data: (row) => row,
    name: (row) => row.name,
    empty: "nothing to check",
  });
  return checks.some((check) => check.result === "failed") ? 1 : 0;
}
