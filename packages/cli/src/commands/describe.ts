import { toJson } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { EventSchema, type Execution } from "@stigmer/api";
import type { StigmerClient } from "@stigmer/sdk";
import { usageError } from "../cli-error.ts";
import { withClient } from "../client/connection.ts";
import { findByName } from "../client/find-by-name.ts";
import { isExecutionId, kindOfWord } from "../client/kind-words.ts";
import { executionData, phaseWord, resourceData, resourceName } from "../client/resource-columns.ts";
import { scheduleLines } from "../client/schedule-lines.ts";
import type { CommandCall } from "../command.ts";
import { printObject } from "../print.ts";

/** Everything about one resource (with its revisions) or one execution (with its event log). */
export async function run(call: CommandCall): Promise<number> {
  const [first = "", second] = call.args;
  return withClient(call.context, async (client) => {
    if (isExecutionId(first)) return describeExecution(call, client, first);
    const kind = kindOfWord(first);
    if (second === undefined) throw usageError(`Cannot describe ${kind}: no name was given`, `stigmer list ${first}`);
    return kind === "Execution"
      ? describeExecution(call, client, second)
      : describeResource(call, client, kind, second);
  });
}

async function describeResource(call: CommandCall, client: StigmerClient, kind: string, text: string): Promise<number> {
  const resources = await client.resources();
  const ref = await findByName(call, client, { kind, text });
  const { resource, source } = await resources.get({ ref });
  if (!resource) return 1;
  const found = { kind, namespace: resource.metadata?.namespace ?? "", name: resource.metadata?.name ?? "" };
  const { revisions } = await resources.listRevisions({ ref: found, pageSize: 20 });
  const rows = revisions.map(({ status }) => {
    const when = status?.updatedAt ? timestampDate(status.updatedAt).toISOString() : "";
    return `  ${String(status?.revision).padEnd(4)} ${when}  ${status?.digest ?? ""}`;
  });
  await printObject(call, {
    data: { resource: resourceData(resource), revisions: revisions.map(resourceData), source },
    name: resourceName(resource),
    text: [
      `${resource.kind} ${resourceName(resource)}`,
      `version    ${resource.status?.version || "-"}`,
      `revision   ${resource.status?.revision}`,
      `etag       ${resource.status?.etag}`,
      ...scheduleLines(resource),
      "",
      "revisions:",
      ...rows,
      "",
      source.trimEnd(),
    ].join("\n"),
  });
  return 0;
}

async function describeExecution(call: CommandCall, client: StigmerClient, id: string): Promise<number> {
  const executions = await client.executions();
  const { execution } = await executions.getExecution({ id });
  if (!execution) return 1;
  const { events } = await executions.listEvents({ id, pageSize: 1_000 });
  const lines = events.map((event) => {
    const at = event.at ? timestampDate(event.at).toISOString().slice(11, 23) : "";
    const reference = event.data?.reference ?? event.data?.message ?? "";
    return `  ${at}  ${event.type.padEnd(24)} ${typeof reference === "string" ? reference : JSON.stringify(reference)}`;
  });
  const data = { execution: executionData(execution), events: events.map((event) => toJson(EventSchema, event)) };
  await printObject(call, { data, name: id, text: [...describeLines(execution), "", "events:", ...lines].join("\n") });
  return 0;
}

function describeLines(execution: Execution): readonly string[] {
  const data = executionData(execution);
  return [
    `${execution.target?.kind} ${execution.target?.namespace}/${execution.target?.name}`,
    `id         ${execution.id}`,
    `phase      ${phaseWord(execution.phase)}${execution.reason === "" ? "" : ` (${execution.reason})`}`,
    ...(execution.sessionId === "" ? [] : [`session    ${execution.sessionId}`]),
    `input      ${JSON.stringify(data.input ?? null)}`,
    ...(data.output === undefined ? [] : [`output     ${JSON.stringify(data.output)}`]),
    ...(data.error === undefined ? [] : [`error      ${JSON.stringify(data.error)}`]),
  ];
}
