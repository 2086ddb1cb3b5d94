import { type DurableFailure, DurableFailure as Failed, type Json } from "@stigmer/durable";
import { failure, readRetryAfter, stopped } from "@stigmer/effects";

/** What a provider's refusal is made of. */
export interface RefusalParams {
  readonly provider: string;
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** The failure of a model call that the provider refused with an HTTP status. */
export function refusal(params: RefusalParams): DurableFailure {
  const { status, headers } = params;
  const retryAfterMs = readRetryAfter(headers?.["retry-after"]) ?? readMs(headers?.["retry-after-ms"]);
  const requestId = headers?.["request-id"] ?? headers?.["x-request-id"];
  const data: Record<string, Json> = {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  const type = status === 401 ? "authentication" : status === 403 ? "authorization" : "communication";
  return failure(type, {
    status,
    title: "Model call failed",
    detail: `${params.provider} answered ${status}: ${params.message}`,
    ...(Object.keys(data).length > 0 ? { data } : {}),
    ...(mayHelp(status) ? {} : { retryable: false }),
    cause: params.cause,
  });
}

/** The failure of a model call that broke on the way; asking again may help. */
export function broken(provider: string, error: unknown, signal: AbortSignal): DurableFailure {
  if (signal.aborted) return stopped("The model call");
  if (error instanceof Failed) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  const message = error instanceof Error ? error.message : JSON.stringify(error);
  return failure("communication", {
    title: "Model call failed",
    detail: `${provider}: ${message}${cause}`,
    cause: error,
  });
}

/** Statuses after which the same question may get an answer: time-outs, conflicts, limits of rate, and their own faults. */
function mayHelp(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

function readMs(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}
