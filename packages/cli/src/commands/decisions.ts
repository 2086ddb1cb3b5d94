import { toJson } from "@bufbuild/protobuf";
import { type PendingDecision, PendingDecisionSchema } from "@stigmer/api";
import { withClient } from "../client/connection.ts";
import { age } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { printRows } from "../print.ts";

/** Lists the questions that executions ask people and that nobody has answered yet. */
export async function run(call: CommandCall): Promise<number> {
  return withClient(call.context, async (client) => {
    const executions = await client.executions();
    const filter = {
      namespace: call.options.text("namespace") ?? "",
      executionId: call.args[0] ?? "",
      approver: call.options.text("approver") ?? "",
      pageSize: 500,
    };
    const rows: PendingDecision[] = [];
    let pageToken = "";
    do {
      const page = await executions.listPendingDecisions({ ...filter, pageToken });
      rows.push(...page.decisions);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    await printRows({
      call,
      rows,
      columns: [
        { title: "EXECUTION", value: (row) => row.executionId },
        { title: "TITLE", value: (row) => row.title },
        { title: "OUTCOMES", value: (row) => row.outcomes.join(", ") },
        { title: "APPROVERS", value: (row) => (row.approvers.length === 0 ? "anybody" : row.approvers.join(", ")) },
        { title: "ASKED", value: (row) => age(row.askedAt) },
        { title: "UNTIL", value: untilOf },
        { title: "TASK", value: (row) => row.task, isWide: true },
      ],
      data: (row) => toJson(PendingDecisionSchema, row),
      name: (row) => row.executionId,
      empty: "no open questions",
    });
    return 0;
  });
}

function untilOf({ until }: PendingDecision): string {
  return until === undefined ? "-" : new Date(Number(until.seconds) * 1_000).toISOString().replace(".000", "");
}
