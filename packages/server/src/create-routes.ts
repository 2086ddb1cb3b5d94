import type { ConnectRouter } from "@connectrpc/connect";
import {
  BlobService,
  ExecutionService,
  ResourceService,
  RunnerService,
  SessionService,
  SystemService,
} from "@stigmer/api";
import type { StartExecutionDeps } from "./executions/start-execution.ts";
import { Health } from "./gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "./gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionV1Alpha } from "./gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { createDescriptorIndex } from "./rpc/descriptor-index.ts";
import { createHealthService } from "./rpc/health-service.ts";
import { createReflectionService, createReflectionServiceV1Alpha } from "./rpc/reflection-service.ts";
import { createBlobService } from "./services/blob-service.ts";
import { createExecutionService } from "./services/execution-service.ts";
import { createResourceService, type ResourceServiceDeps } from "./services/resource-service.ts";
import { createRunnerService } from "./services/runner-service.ts";
import { createSessionService } from "./services/session-service.ts";
import { createSystemService } from "./services/system-service.ts";
import type { SystemStatusDeps } from "./system/system-status.ts";

/** What the services work with. */
export interface CreateRoutesParams extends ResourceServiceDeps, StartExecutionDeps {
  readonly status: SystemStatusDeps;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
}

const SERVICES = [ResourceService, ExecutionService, SessionService, BlobService, RunnerService, SystemService];

/** All services of the server in one place: ours, health and reflection. */
export function createRoutes(params: CreateRoutesParams): (router: ConnectRouter) => void {
  const index = createDescriptorIndex([...SERVICES, Health, ServerReflection, ServerReflectionV1Alpha]);
  return (router) => {
    router
      .service(ResourceService, createResourceService(params))
      .service(ExecutionService, createExecutionService(params))
      .service(SessionService, createSessionService(params.store))
      .service(RunnerService, createRunnerService(params))
      .service(BlobService, createBlobService(params))
      .service(SystemService, createSystemService(params.status))
      .service(Health, createHealthService({ services: index.services, stopping: params.stopping }))
      .service(ServerReflection, createReflectionService(index))
      .service(ServerReflectionV1Alpha, createReflectionServiceV1Alpha(index));
  };
}
