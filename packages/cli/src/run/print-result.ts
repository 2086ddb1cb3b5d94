import { isDeepStrictEqual } from "node:util";
import { CLI_EXIT, CliError } from "../cli-error.ts";
import type { Terminal } from "../terminal.ts";

/** How an execution ended, wherever it ran. */
export interface RunResult {
  readonly id: string;
  /** Only a server can be asked about it later. */
  readonly place: "server" | "process";
  readonly status: "completed" | "faulted" | "cancelled";
  readonly output?: unknown;
  /** An RFC 9457 problem. */
  readonly error?: unknown;
  readonly kind: "Workflow" | "Agent";
  /** The last words of an agent that were shown while they came; empty when none were. */
  readonly streamed: string;
}

/**
 * Prints the output as data on stdout: JSON, or an agent's words as they are.
 *
 * @throws {CliError} EXECUTION_FAULTED or EXECUTION_CANCELLED
 */
export function printResult(terminal: Terminal, result: RunResult): void {
  const next = result.place === "server" ? `stigmer describe ${result.id}` : undefined;
  switch (result.status) {
    case "completed":
      return printOutput(terminal, result);
    case "cancelled":
      throw new CliError({
        reason: "EXECUTION_CANCELLED",
        message: `Execution ${result.id} was cancelled`,
        next,
      });
    case "faulted":
      throw new CliError({
        reason: "EXECUTION_FAULTED",
        message: `Execution ${result.id} faulted: ${describeProblem(result.error)}`,
        where: member(result.error, "instance"),
        next,
        exitCode: CLI_EXIT.failure,
      });
  }
}

function printOutput(terminal: Terminal, result: RunResult): void {
  const { output, streamed } = result;
  if (streamed !== "" && !streamed.endsWith("\n")) terminal.out("\n");
  if (result.kind === "Agent" && typeof output === "object" && output !== null) {
    if ("data" in output && output.data !== null) {
      return isShown(streamed, output.data) ? undefined : printJson(terminal, output.data);
    }
    const message = member(output, "message");
    if (message !== undefined) return streamed.includes(message.trim()) ? undefined : terminal.out(`${message}\n`);
  }
  printJson(terminal, output ?? null);
}

/** A structured answer may have been streamed as the very text that it was read from. */
function isShown(streamed: string, data: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(streamed), data);
  } catch {
    return false;
  }
}

function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, undefined, 2)}\n`);
}

function describeProblem(error: unknown): string {
  const parts = [member(error, "title"), member(error, "detail")].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(": ") : (member(error, "type") ?? "it gave no reason");
}

/** A text member of an object; undefined when it is absent, empty or no text. */
function member(value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === "string" && found !== "" ? found : undefined;
}
