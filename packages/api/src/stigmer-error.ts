import { ERROR_REASONS, type ErrorReason } from "./error-reasons.ts";
import type { RpcCode } from "./rpc-code.ts";

/** One finding in a document or a request. Lines and columns count from 1; a request has neither. */
export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly line?: number;
  readonly column?: number;
  /** JSON pointer into the document or the request. */
  readonly pointer?: string;
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** Facts beside the message, for programs. */
export interface ErrorDetails {
  readonly findings?: readonly Finding[];
  /** Such as `pid`, `path`, `candidates` (comma separated). Never a secret. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a `StigmerError` is made of; `code` and `hint` come from the table of reasons unless given. */
export interface StigmerErrorParams {
  readonly reason: ErrorReason;
  readonly message: string;
  readonly code?: RpcCode;
  readonly hint?: string;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/**
 * The one error of all borders: command line, RPC, process start.
 *
 * `message` reads `Cannot <action> "<subject>": <state now>`; `hint` is one command or one edit.
 */
export class StigmerError extends Error {
  override readonly name = "StigmerError";
  /** One of `ERROR_REASONS`, or a word that only a newer server knows. */
  readonly reason: string;
  readonly code: RpcCode;
  readonly hint: string;
  readonly details: ErrorDetails;

  constructor(params: StigmerErrorParams | ReceivedError) {
    super(params.message, params.cause === undefined ? undefined : { cause: params.cause });
    this.reason = params.reason;
    this.details = params.details ?? {};
    if ("received" in params) {
      this.code = params.code;
      this.hint = params.hint;
      return;
    }
    const entry = ERROR_REASONS[params.reason];
    this.code = params.code ?? entry.code;
    this.hint = params.hint ?? entry.hint;
  }
}

/** An error as it came over the wire: complete, and perhaps with a reason that this build does not know. */
export interface ReceivedError {
  readonly received: true;
  readonly reason: string;
  readonly message: string;
  readonly code: RpcCode;
  readonly hint: string;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** Whether a caught value is a `StigmerError`, with this reason when one is given. */
export function isStigmerError(value: unknown, reason?: ErrorReason): value is StigmerError {
  return value instanceof StigmerError && (reason === undefined || value.reason === reason);
}
