import { type Execution, Phase, type Resource } from "@stigmer/api";
import type { StigmerClient } from "@stigmer/sdk";
import { usageError } from "../cli-error.ts";
import { withClient } from "../client/connection.ts";
import { kindOfWord } from "../client/kind-words.ts";
import { parseLabels } from "../client/parse-labels.ts";
import {
  EXECUTION_COLUMNS,
  executionData,
  RESOURCE_COLUMNS,
  resourceData,
  resourceName,
} from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { printRows } from "../print.ts";

/** Lists resources of a kind (all kinds without one), or executions. */
export async function run(call: CommandCall): Promise<number> {
  const [word] = call.args;
  const kind = word === undefined ? "" : kindOfWord(word);
  const limit = parseLimit(call.options.text("limit"));
  return withClient(call.context, async (client) => {
    if (kind === "Execution") await listExecutions(call, client, limit);
    else await listResources(call, client, kind, limit);
    return 0;
  });
}

async function listResources(call: CommandCall, client: StigmerClient, kind: string, limit: number): Promise<void> {
  const resources = await client.resources();
  const filter = {
    kind,
    namespace: call.options.text("namespace") ?? "",
    labels: parseLabels(call.options.texts("label")),
  };
  const rows = await collect<Resource>(limit, async (pageSize, pageToken) => {
    const page = await resources.list({ ...filter, pageSize, pageToken });
    return { rows: page.resources, nextPageToken: page.nextPageToken };
  });
  const empty = isFiltered(call, ["label", "namespace"])
    ? "nothing fits the filter; all: stigmer list"
    : "nothing is applied; begin with: stigmer apply -f flow.yaml";
  await printRows({ call, rows, columns: RESOURCE_COLUMNS, data: resourceData, name: resourceName, empty });
}

async function listExecutions(call: CommandCall, client: StigmerClient, limit: number): Promise<void> {
  const executions = await client.executions();
  const filter = {
    namespace: call.options.text("namespace") ?? "",
    name: call.options.text("name") ?? "",
    phases: call.options.texts("phase").map(phaseOf),
    labels: parseLabels(call.options.texts("label")),
    sessionId: call.options.text("session") ?? "",
  };
  const rows = await collect<Execution>(limit, async (pageSize, pageToken) => {
    const page = await executions.listExecutions({ ...filter, pageSize, pageToken });
    return { rows: page.executions, nextPageToken: page.nextPageToken };
  });
  const empty = isFiltered(call, ["label", "namespace", "name", "phase", "session"])
    ? "no execution fits the filter; all: stigmer list executions"
    : "no executions; begin with: stigmer run NAME";
  await printRows({ call, rows, columns: EXECUTION_COLUMNS, data: executionData, name: (row) => row.id, empty });
}

function isFiltered({ options }: CommandCall, names: readonly string[]): boolean {
  return names.some((name) => options.texts(name).length > 0);
}

type Page<T> = { readonly rows: readonly T[]; readonly nextPageToken: string };

async function collect<T>(
  limit: number,
  next: (pageSize: number, token: string) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const rows: T[] = [];
  let token = "";
  do {
    const page = await next(Math.min(500, limit - rows.length), token);
    rows.push(...page.rows);
    token = page.nextPageToken;
  } while (token !== "" && rows.length < limit);
  return rows;
}

function parseLimit(text: string | undefined): number {
  const limit = Number(text ?? 500);
  if (!Number.isInteger(limit) || limit < 1)
    throw usageError(`Cannot list "${text}" rows: --limit takes a whole number from 1`);
  return limit;
}

function phaseOf(word: string): Phase {
  const phase = Object.entries(Phase).find(([name]) => name === word.toUpperCase())?.[1];
  if (typeof phase === "number" && phase !== Phase.UNSPECIFIED) return phase;
  const words = "pending, running, waiting, paused, suspended, completed, faulted, cancelled";
  throw usageError(`Cannot filter by phase "${word}": it is not one of ${words}`);
}
