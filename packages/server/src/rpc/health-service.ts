import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type Health,
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from "../gen/grpc/health/v1/health_pb.ts";

/** What the health service tells. */
export interface CreateHealthServiceParams {
  /** Full names of all services. */
  readonly services: readonly string[];
  /** Aborts when the server stops taking work. */
  readonly stopping: AbortSignal;
}

/** The gRPC health checking protocol: serving until the server stops; a watch ends with the server. */
export function createHealthService(params: CreateHealthServiceParams): ServiceImpl<typeof Health> {
  const known = new Set(["", ...params.services]);
  const statusOf = (service: string): Status => {
    if (!known.has(service)) return Status.SERVICE_UNKNOWN;
    return params.stopping.aborted ? Status.NOT_SERVING : Status.SERVING;
  };
  const answer = (service: string): HealthCheckResponse =>
    create(HealthCheckResponseSchema, { status: statusOf(service) });
  return {
    check(request: HealthCheckRequest) {
      if (!known.has(request.service)) throw new ConnectError("unknown service", Code.NotFound);
      return answer(request.service);
    },
    async *watch(request: HealthCheckRequest, context: HandlerContext) {
      yield answer(request.service);
      await aborted([context.signal, params.stopping]);
      if (!context.signal.aborted) yield answer(request.service);
    },
  };
}

function aborted(signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return Promise.resolve();
  return new Promise((resolve) => any.addEventListener("abort", () => resolve(), { once: true }));
}
