import { isStigmerError } from "@stigmer/api";
import { CliError, usageError } from "../cli-error.ts";
import { withClient } from "../client/connection.ts";
import { executionData } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { outputFormat } from "../print.ts";
import { buildStartRequest, type StartRequest } from "../run/build-start-request.ts";
import { followAndPrint } from "../run/follow-and-print.ts";
import { printInvalid } from "../run/print-invalid.ts";

/** Runs a workflow or an agent: follows it by default, only starts it with `--detach`, in this process with `--local`. */
export async function run(call: CommandCall): Promise<number> {
  checkPlace(call);
  if (call.options.isSet("local")) return (await import("../run/run-local.ts")).runLocal(call);
  const start = await buildStartRequest(call);
  try {
    return await startAndFollow(call, start);
  } catch (error) {
    const cause = error instanceof CliError ? error.cause : undefined;
    if (start.fileName === undefined || !isStigmerError(cause) || cause.details.findings === undefined) throw error;
    return printInvalid(call, { fileName: start.fileName, diagnostics: cause.details.findings });
  }
}

/** Options of one place of running only, by name. */
const ONLY_LOCAL = ["virtualTime", "secrets", "events", "rewrite", "strictSecrets"] as const;
const ONLY_ON_SERVER = ["detach", "idempotencyKey", "label", "environment"] as const;

/** @throws {CliError} when an option would do nothing where this runs */
function checkPlace({ options }: CommandCall): void {
  const isLocal = options.isSet("local");
  const wrong = (isLocal ? ONLY_ON_SERVER : ONLY_LOCAL).find(
    (name) => options.isSet(name) || options.texts(name).length > 0,
  );
  if (wrong === undefined) return;
  const flag = `--${wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw usageError(`Cannot run: ${flag} works ${isLocal ? "without" : "only with"} --local`, "stigmer run --help");
}

function startAndFollow(call: CommandCall, start: StartRequest): Promise<number> {
  return withClient(call.context, async (client) => {
    const executions = await client.executions();
    if (!call.options.isSet("detach")) {
      return followAndPrint(call, {
        client,
        open: async (signal, tokens) => executions.run({ start, tokens }, { signal }),
      });
    }
    const { execution } = await executions.start(start);
    if (!execution) return 1;
    const isJson = outputFormat(call) === "json";
    call.context.terminal.out(
      isJson ? `${JSON.stringify(executionData(execution), undefined, 2)}\n` : `${execution.id}\n`,
    );
    return 0;
  });
}
