import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { deserializeMessage, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import type { Command } from "@stigmer/lifecycle";
import { failure } from "../fail.ts";
import { createCheckedFetch } from "../http/checked-fetch.ts";
import { authorize, type HttpScope } from "../http/request-http.ts";
import { readRewrite } from "../http/rewrite.ts";
import { toEnvironment } from "../process/run-process.ts";
import { asText, InputReader, isObject } from "../read-input.ts";
import { GuardedTransport } from "./guarded-transport.ts";

/** How servers on standard streams are started. */
export interface StdioOptions {
  /** How to start a guard. */
  readonly guard: Command;
}

/** A way to a server. */
export interface McpConnection {
  /** Names the server in messages. */
  readonly name: string;
  readonly transport: Transport;
  /** The last that a server's process said on its standard error. */
  lastWords(): string;
  close(): Promise<void>;
}

/**
 * Opens `transport.http` or `transport.stdio` of an MCP call.
 *
 * @throws {DurableFailure} `configuration` unless it is exactly one of both
 */
export async function openMcpTransport(
  reader: InputReader,
  scope: HttpScope,
  options: StdioOptions,
): Promise<McpConnection> {
  const transport = reader.map("transport");
  if (isObject(transport.http) && transport.stdio === undefined) {
    return openHttp(new InputReader("call: mcp: http", transport.http), reader, scope);
  }
  if (isObject(transport.stdio) && transport.http === undefined) {
    return openStdio(new InputReader("call: mcp: stdio", transport.stdio), scope, options);
  }
  throw failure("configuration", {
    detail: 'Cannot do "call: mcp": its transport must be either http or stdio',
    retryable: false,
  });
}

async function openHttp(http: InputReader, reader: InputReader, scope: HttpScope): Promise<McpConnection> {
  const endpoint = http.value("endpoint");
  const place = isObject(endpoint) ? new InputReader("call: mcp: endpoint", endpoint) : undefined;
  const uri = place === undefined ? http.text("endpoint") : place.text("uri");
  const url = URL.parse(uri);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw failure("configuration", { detail: `Cannot do "call: mcp": "${uri}" is no http address`, retryable: false });
  }
  const rewrite = reader.list("rewrite");
  const headers = Object.fromEntries(Object.entries(http.map("headers")).map(([name, value]) => [name, asText(value)]));
  const authorization = await authorize(place?.map("authentication") ?? {}, rewrite, scope);
  const { addresses, limits, resolveHost } = scope.options;
  const fetch = createCheckedFetch({
    addresses,
    idleMs: limits.totalMs,
    maxContentBytes: limits.maxContentBytes,
    rewrite: readRewrite(rewrite),
    ...(resolveHost ? { resolveHost } : {}),
  });
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers: { ...headers, ...authorization.headers } },
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 401) authorization.forget();
      return response;
    },
  });
  return {
    name: url.origin,
    transport,
    lastWords: () => "",
    close: async () => {
      // A server that keeps sessions is told; one that cannot be told any more has forgotten this one by itself.
      if (!scope.context.signal.aborted) await withinGrace(transport.terminateSession());
      await transport.close();
    },
  };
}

const GRACE_MS = 2_000;

async function withinGrace(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GRACE_MS);
  });
  await Promise.race([work.catch(() => undefined), grace]);
  clearTimeout(timer);
}

async function openStdio(stdio: InputReader, scope: HttpScope, options: StdioOptions): Promise<McpConnection> {
  const { workspaceDir, homeDir = join(workspaceDir, ".home") } = scope.context;
  await mkdir(homeDir, { recursive: true, mode: 0o700 });
  const command = stdio.text("command");
  const transport = new GuardedTransport(
    {
      command,
      args: stdio.list("arguments").map(asText),
      env: toEnvironment(stdio.map("environment")),
      cwd: workspaceDir,
      homeDir,
      guard: options.guard,
    },
    deserializeMessage,
  );
  return { name: command, transport, lastWords: () => transport.lastWords, close: () => transport.close() };
}
