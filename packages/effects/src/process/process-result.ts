import type { Json } from "@stigmer/durable";
import type { GuardedOutcome } from "@stigmer/lifecycle";
import { failure, stopped } from "../fail.ts";
import type { InputReader } from "../read-input.ts";

/** What a process gives; `all` is `{code, stdout, stderr}`. */
export type ProcessReturn = "stdout" | "stderr" | "code" | "all" | "none";

/** Reads `return`; `stdout` when absent. */
export function readProcessReturn(reader: InputReader): ProcessReturn {
  return reader.oneOf("return", ["stdout", "stderr", "code", "all", "none"], "stdout");
}

/** How a process is described and what is wanted of it. */
export interface ProcessResultParams {
  /** Names the process in messages, such as `run: shell`. */
  readonly what: string;
  readonly returns: ProcessReturn;
  /** Cut the newline at the end of the output. */
  readonly trim: boolean;
  /** Said when the program itself is missing. */
  readonly missingHint: string;
}

/**
 * The result of a process that ended. Exit codes other than 0 are results for `code` and `all`.
 *
 * @throws {DurableFailure} `runtime` for a missing program, an exit code other than 0, too much output or a cancellation
 */
export function toProcessResult(outcome: GuardedOutcome, params: ProcessResultParams): Json {
  requireEnd(outcome, params);
  const stdout = toText(outcome.stdout, params.trim);
  const stderr = toText(outcome.stderr, params.trim);
  const { code } = outcome;
  if (params.returns === "code") return code;
  if (params.returns === "all") return { code, stdout, stderr };
  if (code !== 0) throw exitFailure(params.what, code, stdout, stderr);
  switch (params.returns) {
    case "stdout":
      return stdout;
    case "stderr":
      return stderr;
    case "none":
      return null;
  }
}

function requireEnd(outcome: GuardedOutcome, params: ProcessResultParams): void {
  switch (outcome.kind) {
    case "exited":
      return;
    case "aborted":
      throw stopped(params.what);
    case "timeout":
      throw failure("timeout", { detail: `${params.what} took too long and was ended` });
    case "output-limit":
      throw failure("runtime", {
        detail: `${params.what} wrote more output than allowed and was ended`,
        retryable: false,
      });
    case "not-started":
      throw failure("runtime", {
        detail: `Cannot start ${params.what}: ${outcome.reason === "ENOENT" ? params.missingHint : outcome.reason}`,
        retryable: false,
      });
  }
}

function exitFailure(what: string, code: number, stdout: string, stderr: string) {
  const said = tail(stderr.trim() === "" ? stdout : stderr);
  return failure("runtime", {
    detail: `${what} ended with exit code ${code}${said === "" ? "" : `: ${said}`}`,
    data: { code, stdout: tail(stdout), stderr: tail(stderr) },
  });
}

const MAX_TAIL = 4_096;

function tail(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > MAX_TAIL ? `…${trimmed.slice(-MAX_TAIL)}` : trimmed;
}

function toText(bytes: Buffer, trim: boolean): string {
  const text = bytes.toString("utf8");
  return trim ? text.replace(/\r?\n$/, "") : text;
}
