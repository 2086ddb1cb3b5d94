import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { type Event, type Execution, Phase, type WatchResponse } from "@stigmer/api";
import type { StigmerClient } from "@stigmer/sdk";
import { CLI_EXIT, CliError } from "../cli-error.ts";
import { executionData, phaseWord } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { toLoggedEvent } from "./event-log.ts";
import { followExecution } from "./follow.ts";
import { printResult, type RunResult } from "./print-result.ts";
import { createProgress } from "./progress.ts";

/** Opens the first stream of an execution, with or without the ephemeral words of a model. */
export type OpenStream = (signal: AbortSignal, tokens: boolean) => Promise<AsyncIterable<WatchResponse>>;

export interface FollowAndPrintParams {
  readonly client: StigmerClient;
  readonly open: OpenStream;
  /** The execution, where it is known before the stream says it. */
  readonly id?: string;
}

/** Follows an execution, shows its progress on a terminal, prints its result; Ctrl-C detaches. */
export async function followAndPrint(call: CommandCall, params: FollowAndPrintParams): Promise<number> {
  const { client, open } = params;
  const { terminal, interrupted } = call.context;
  const asJson = call.options.isSet("json");
  // Words are for people: piped, only the result is printed.
  const withTokens = terminal.isInteractive && !asJson;
  const progress = createProgress(terminal);
  const words = createWordStream(call);
  const events: Event[] = [];
  let { id = "" } = params;
  const execution = await followExecution({
    client,
    open: (signal) => open(signal, withTokens),
    withTokens,
    signal: interrupted,
    listener: {
      onAccepted: (accepted) => {
        id = accepted.id;
        if (terminal.isTalkInteractive) terminal.err(`${terminal.style("dim", id)}\n`);
      },
      onEvent: (event) => {
        if (asJson) events.push(event);
        else progress.onEvent(toLoggedEvent(event));
      },
      onToken: words.onToken,
    },
  });
  if (!execution) {
    terminal.err(`detached; ${id === "" ? "it may run" : `stigmer watch ${id}`}\n`);
    return CLI_EXIT.interrupted;
  }
  if (asJson) return printReport(call, execution, events);
  requireGoing(execution);
  printResult(terminal, toResult(execution, words.lastWords()));
  return CLI_EXIT.ok;
}

/**
 * A suspended execution has not ended, and waiting for it would never end.
 *
 * @throws {CliError} with the reason of the suspension
 */
export function requireGoing({ id, phase, reason }: Execution): void {
  if (phase !== Phase.SUSPENDED) return;
  throw new CliError({
    reason: reason || "EXECUTION_SUSPENDED",
    message: `Execution ${id} is suspended: ${reason || "it gave no reason"}`,
    next: `stigmer resume ${id}`,
  });
}

async function printReport(call: CommandCall, execution: Execution, events: readonly Event[]): Promise<number> {
  const { runReport } = await import("@stigmer/interpreter");
  const { output, error } = executionData(execution);
  const report = runReport(events.map(toLoggedEvent), {
    id: execution.id,
    document: {
      dsl: "1.0.3",
      namespace: execution.target?.namespace ?? "",
      name: execution.target?.name ?? "",
      version: execution.target?.version ?? "",
    },
    end: { ...(output === undefined ? {} : { output }), ...(isProblem(error) ? { error } : {}) },
  });
  const whole = { ...report, status: phaseWord(execution.phase), output, error };
  call.context.terminal.out(`${JSON.stringify(whole, undefined, 2)}\n`);
  return whole.status === "completed" ? CLI_EXIT.ok : CLI_EXIT.failure;
}

function isProblem(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toResult(execution: Execution, streamed: string): RunResult {
  const { output, error } = executionData(execution);
  const word = phaseWord(execution.phase);
  return {
    id: execution.id,
    place: "server",
    status: word === "faulted" || word === "cancelled" ? word : "completed",
    output,
    error,
    kind: execution.target?.kind === "Agent" ? "Agent" : "Workflow",
    streamed,
  };
}

/** Writes an agent's words as they come; each piece once, also after a reconnect. */
function createWordStream(call: CommandCall) {
  const { terminal } = call.context;
  const written = new Map<string, number>();
  let last = { key: "", words: "" };
  return {
    /** Words of the last call that spoke; a piece that was lost on the way is missing. */
    lastWords: () => last.words,
    onToken: (key: string, offset: number, text: string) => {
      const end = written.get(key) ?? 0;
      if (text === "" || offset + text.length <= end) return;
      if (last.key !== key) {
        if (last.words !== "") terminal.out("\n");
        last = { key, words: "" };
      }
      const piece = text.slice(Math.max(0, end - offset));
      terminal.out(piece);
      last = { key, words: last.words + piece };
      written.set(key, offset + text.length);
    },
  };
}
