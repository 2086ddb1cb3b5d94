import { DurableFailure, type Json } from "@stigmer/durable";
import { type Command, type Redactor, roleCommand } from "@stigmer/lifecycle";
import { callA2a } from "./a2a/a2a-effect.ts";
import { createTokenCache } from "./authentication/token-cache.ts";
import { runContainer } from "./container/container-effect.ts";
import { type ContainerOptions, createContainerEngine } from "./container/container-engine.ts";
import type { EffectContext, EffectHandler } from "./effect-context.ts";
import { evaluateExpression } from "./evaluate-expression.ts";
import type { AddressPolicy, ResolveHost } from "./http/address-guard.ts";
import { callHttp } from "./http/http-effect.ts";
import { createConnections, type HttpLimits } from "./http/http-exchange.ts";
import type { HttpEffectOptions } from "./http/request-http.ts";
import { callOpenApi } from "./openapi/openapi-effect.ts";
import type { ProcessOptions } from "./process/run-process.ts";
import { runScript } from "./process/script-effect.ts";
import { runShell } from "./process/shell-effect.ts";
import { resolveDeferred } from "./resolve-deferred.ts";
import { createDocumentCache } from "./resources/document-cache.ts";
import { fetchResource } from "./resources/resource-effect.ts";
import { evaluateWithSecrets } from "./secrets-effect.ts";
import { createSensitiveValues, redactFailure, redactJson, type SensitiveValues } from "./sensitive-values.ts";

/** What the effects of a process need to know. */
export interface EffectsOptions {
  /** Which addresses may be reached; everything but metadata services when absent. */
  readonly addresses?: AddressPolicy;
  readonly httpLimits?: Partial<HttpLimits>;
  /** Standard output and error of one process together; 10 MB when absent. */
  readonly maxOutputBytes?: number;
  /** Learns every secret value that an effect sees, such as the redactor of the process's log. */
  readonly redactor?: Redactor;
  /** How to start our own roles; `roleCommand` when absent. */
  readonly commands?: { readonly guard: Command; readonly script: Command };
  readonly resolveHost?: ResolveHost;
  readonly containers?: ContainerOptions;
}

/** Every effect by its kind. */
export interface Effects {
  readonly handlers: Readonly<Record<string, EffectHandler>>;
  /** Closes kept connections. */
  close(): void;
}

/** One effect on resolved input; `sensitive` knows the secret values in it. */
type ResolvedHandler = (input: Json, context: EffectContext, sensitive: SensitiveValues) => Promise<Json>;

/** All that workflow tasks do outside: one row for each kind of effect. */
export function createEffects(options: EffectsOptions = {}): Effects {
  const connections = createConnections();
  const http: HttpEffectOptions = {
    addresses: options.addresses ?? {},
    limits: { ...HTTP_LIMITS, ...options.httpLimits },
    connections,
    tokens: createTokenCache(),
    ...(options.resolveHost ? { resolveHost: options.resolveHost } : {}),
  };
  const processes: ProcessOptions = {
    guard: options.commands?.guard ?? roleCommand("guard"),
    script: options.commands?.script ?? roleCommand("script"),
    maxOutputBytes: options.maxOutputBytes ?? 10_000_000,
  };
  const containers = createContainerEngine(options.containers ?? {}, processes);
  const documents = createDocumentCache();
  const resolved = (handler: ResolvedHandler) => withSecrets(handler, options.redactor);
  const handlers: Record<string, EffectHandler> = {
    http: resolved((input, context, sensitive) => callHttp(input, { context, sensitive, options: http })),
    a2a: resolved((input, context, sensitive) => callA2a(input, { context, sensitive, options: http }, documents)),
    asyncapi: resolved(async (input, context, sensitive) => {
      const { callAsyncApi } = await import("./asyncapi/asyncapi-effect.ts");
      return callAsyncApi(input, { context, sensitive, options: http }, documents);
    }),
    container: resolved((input, context, sensitive) => runContainer(input, context, sensitive, containers)),
    openapi: resolved((input, context, sensitive) =>
      callOpenApi(input, { context, sensitive, options: http }, documents),
    ),
    grpc: resolved(async (input, context, sensitive) => {
      // Large libraries that few workflows need.
      const { callGrpc } = await import("./grpc/grpc-effect.ts");
      return callGrpc(input, { context, sensitive, options: http });
    }),
    mcp: resolved(async (input, context, sensitive) => {
      const { callMcp } = await import("./mcp/mcp-effect.ts");
      return callMcp(input, { context, sensitive, options: http }, processes);
    }),
    resource: resolved((input, context, sensitive) => fetchResource(input, { context, sensitive, options: http })),
    shell: resolved((input, context) => runShell(input, context, processes)),
    script: resolved((input, context) => runScript(input, context, processes)),
    secrets: (input, context) => {
      const sensitive = createSensitiveValues(options.redactor);
      return guarded(sensitive, () => evaluateWithSecrets(input, { context, evaluate: evaluateExpression, sensitive }));
    },
  };
  const close = () => {
    connections.close();
    containers.close();
  };
  return { handlers, close };
}

const HTTP_LIMITS: HttpLimits = {
  connectMs: 30_000,
  idleMs: 60_000,
  totalMs: 300_000,
  maxContentBytes: 10_000_000,
};

/**
 * Resolves deferred values before the handler runs, and keeps their values out of every failure and every result: a
 * secret that the world gives back is no data.
 */
function withSecrets(handler: ResolvedHandler, redactor: Redactor | undefined): EffectHandler {
  return (input, context) => {
    const sensitive = createSensitiveValues(redactor);
    return guarded(sensitive, async () => {
      const value = await resolveDeferred(input, { context, evaluate: evaluateExpression, sensitive });
      return redactJson(await handler(value, context, sensitive), sensitive);
    });
  };
}

async function guarded(sensitive: SensitiveValues, run: () => Promise<Json>): Promise<Json> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof DurableFailure) throw redactFailure(error, sensitive);
    throw error;
  }
}
