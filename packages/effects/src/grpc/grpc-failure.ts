import { Code, ConnectError } from "@connectrpc/connect";
import type { DurableFailure } from "@stigmer/durable";
import { failure, stopped } from "../fail.ts";

/** The HTTP status that stands for a gRPC status in a problem. @see google.rpc.Code */
const STATUSES: Readonly<Record<Code, number>> = {
  [Code.Canceled]: 499,
  [Code.Unknown]: 500,
  [Code.InvalidArgument]: 400,
  [Code.DeadlineExceeded]: 408,
  [Code.NotFound]: 404,
  [Code.AlreadyExists]: 409,
  [Code.PermissionDenied]: 403,
  [Code.ResourceExhausted]: 429,
  [Code.FailedPrecondition]: 400,
  [Code.Aborted]: 409,
  [Code.OutOfRange]: 400,
  [Code.Unimplemented]: 501,
  [Code.Internal]: 500,
  [Code.Unavailable]: 503,
  [Code.DataLoss]: 500,
  [Code.Unauthenticated]: 401,
};

/** The failure of a call by its gRPC status; `data` holds `{grpcStatus, message}`. */
export function toGrpcFailure(error: unknown, where: string, signal: AbortSignal): DurableFailure {
  if (signal.aborted) return stopped(`call: grpc ${where}`);
  const { code, rawMessage } = ConnectError.from(error);
  const grpcStatus = nameOf(code);
  const type =
    code === Code.Unauthenticated
      ? "authentication"
      : code === Code.PermissionDenied
        ? "authorization"
        : code === Code.DeadlineExceeded
          ? "timeout"
          : "communication";
  return failure(type, {
    status: STATUSES[code],
    detail: `${where} answered ${grpcStatus}: ${rawMessage}`,
    data: { grpcStatus, message: rawMessage },
    cause: error,
  });
}

function nameOf(code: Code): string {
  return Code[code].replace(/(?<!^)([A-Z])/g, "_$1").toUpperCase();
}
