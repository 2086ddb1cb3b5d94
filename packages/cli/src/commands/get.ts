import { usageError } from "../cli-error.ts";
import { withClient } from "../client/connection.ts";
import { findByName } from "../client/find-by-name.ts";
import { isExecutionId, kindOfWord } from "../client/kind-words.ts";
import {
  EXECUTION_COLUMNS,
  executionData,
  RESOURCE_COLUMNS,
  resourceData,
  resourceName,
} from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { printRow } from "../print.ts";

/** Prints one resource or execution. */
export async function run(call: CommandCall): Promise<number> {
  const [first = "", second] = call.args;
  if (isExecutionId(first)) return getExecution(call, first);
  const kind = kindOfWord(first);
  if (second === undefined) throw usageError(`Cannot get ${kind}: no name was given`, `stigmer list ${first}`);
  return kind === "Execution" ? getExecution(call, second) : getResource(call, kind, second);
}

function getExecution(call: CommandCall, id: string): Promise<number> {
  return withClient(call.context, async (client) => {
    const { execution } = await (await client.executions()).getExecution({ id });
    if (execution === undefined) return 0;
    await printRow({
      call,
      row: execution,
      columns: EXECUTION_COLUMNS,
      data: executionData,
      name: ({ id: own }) => own,
    });
    return 0;
  });
}

function getResource(call: CommandCall, kind: string, text: string): Promise<number> {
  const revision = revisionOf(call);
  return withClient(call.context, async (client) => {
    const ref = { ...(await findByName(call, client, { kind, text })), revision };
    const { resource, source } = await (await client.resources()).get({ ref });
    if (call.options.isSet("source")) {
      call.context.terminal.out(source.endsWith("\n") ? source : `${source}\n`);
      return 0;
    }
    if (resource === undefined) return 0;
    await printRow({ call, row: resource, columns: RESOURCE_COLUMNS, data: resourceData, name: resourceName });
    return 0;
  });
}

function revisionOf(call: CommandCall): number {
  const text = call.options.text("revision");
  if (text === undefined) return 0;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usageError(`Cannot get revision "${text}": it is not a whole number from 1`);
  return Number(text);
}
