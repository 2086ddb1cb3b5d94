import type {
  A2aArguments,
  Authentication,
  CallTask,
  Endpoint,
  ExternalResource,
  GrpcArguments,
  Json,
  JsonObject,
  KnownCall,
  McpArguments,
  OpenApiArguments,
} from "@stigmer/dsl";
import { signIn } from "../authentication.ts";
import { endpointOf, resourceOf } from "../connections.ts";
import { crashClass } from "../crash-class.ts";
import { durationMs, effectArguments, inDefinition } from "../data-flow.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { present } from "../json.ts";
import type { Step } from "../step.ts";

/** A call whose effect does all the work: the arguments as written, with addresses, sign-in and expressions filled in. */
export type ServiceCall = Extract<KnownCall, { readonly protocol: "openapi" | "grpc" | "a2a" | "mcp" }>;

/** Methods that change nothing and may be asked again before the last answer is on disk. */
const READS: ReadonlySet<string> = new Set([
  ...["tools/list", "prompts/list", "prompts/get", "resources/list", "resources/read", "resources/templates/list"],
  ...["tasks/get", "tasks/list", "agent/getAuthenticatedExtendedCard"],
  ...["tasks/pushNotificationConfig/get", "tasks/pushNotificationConfig/list"],
]);

/** Calls a service by the effect of its protocol. */
export function* callService(frame: TaskFrame, call: ServiceCall): Step<Outcome> {
  const { rewrite } = frame.run;
  const input = present({
    ...argumentsOf(frame, call),
    rewrite: rewrite.length === 0 ? undefined : rewrite,
    idempotencyScope: frame.cursor.scope,
  });
  const crash = crashClass(call.task, isRead(call.task) ? "safe" : "repeat");
  return yield* answered(frame, frame.durable.effect({ key: keyOf(frame), kind: call.protocol, input, crash }));
}

function isRead(task: CallTask): boolean {
  const method = "with" in task && task.with !== undefined && "method" in task.with ? task.with.method : undefined;
  return (task.call === "mcp" || task.call === "a2a") && typeof method === "string" && READS.has(method);
}

/** Resources come first: `$authorization` is that of the call itself. */
function argumentsOf(frame: TaskFrame, call: ServiceCall): JsonMembers {
  switch (call.protocol) {
    case "openapi":
      return openApiArguments(frame, call.task.with);
    case "grpc":
      return grpcArguments(frame, call.task.with);
    case "a2a":
      return a2aArguments(frame, call.task.with);
    case "mcp":
      return mcpArguments(frame, call.task.with);
  }
}

type JsonMembers = Readonly<Record<string, Json | undefined>>;

function openApiArguments(frame: TaskFrame, { document, authentication, ...rest }: OpenApiArguments): JsonMembers {
  return { document: resource(frame, document), ...data(frame, rest), authentication: policy(frame, authentication) };
}

function grpcArguments(frame: TaskFrame, { proto, service, ...rest }: GrpcArguments): JsonMembers {
  const { authentication, ...address } = service;
  return {
    proto: resource(frame, proto),
    service: present({ ...data(frame, address), authentication: policy(frame, authentication) }),
    ...data(frame, rest),
  };
}

function a2aArguments(frame: TaskFrame, { agentCard, server, ...rest }: A2aArguments): JsonMembers {
  return {
    agentCard: agentCard === undefined ? undefined : resource(frame, agentCard),
    server: endpoint(frame, server),
    ...data(frame, rest),
  };
}

function mcpArguments(frame: TaskFrame, { transport, timeout, client, ...rest }: McpArguments): JsonMembers {
  const { http, ...other } = transport;
  const { endpoint: address, ...headers } = http ?? {};
  const overHttp = http && present({ endpoint: endpoint(frame, address), ...data(frame, headers) });
  return {
    transport: present({ http: overHttp, ...data(frame, other) }),
    timeoutMs: timeout === undefined ? undefined : durationMs(frame, timeout),
    ...data(frame, rest),
    client: client === undefined ? undefined : clientOf(frame, client),
  };
}

/** The schema of 1.0.3 calls the version "description". */
function clientOf(frame: TaskFrame, { name, version, description }: NonNullable<McpArguments["client"]>): Json {
  return effectArguments(frame, present({ name, version: version ?? description }));
}

function resource(frame: TaskFrame, value: ExternalResource): Json {
  return resourceOf(inDefinition(frame), value);
}

function endpoint(frame: TaskFrame, value: Endpoint | undefined): Json | undefined {
  return value === undefined ? undefined : endpointOf(frame, value);
}

function policy(frame: TaskFrame, value: Authentication | undefined): Json | undefined {
  return value === undefined ? undefined : signIn(frame, value);
}

function data(frame: TaskFrame, members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, effectArguments(frame, value)]));
}
