export * from "./gen/stigmer/v1/blob_pb.ts";
export * from "./gen/stigmer/v1/execution_pb.ts";
export * from "./gen/stigmer/v1/resource_pb.ts";
export * from "./gen/stigmer/v1/runner_pb.ts";
export * from "./gen/stigmer/v1/session_pb.ts";
export * from "./gen/stigmer/v1/system_pb.ts";
