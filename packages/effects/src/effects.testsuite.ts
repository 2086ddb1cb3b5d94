import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DurableFailure, type Failure, type Json } from "@stigmer/durable";
import type { EffectContext } from "./effect-context.ts";

/** A context with a workspace of its own; `dispose` removes it. */
export function testContext(secrets: Readonly<Record<string, Json>> = {}, signal = new AbortController().signal) {
  const workspaceDir = mkdtempSync(join(tmpdir(), "effects-"));
  const context: EffectContext = {
    executionId: "wex_1",
    key: "/do/0/step#1",
    attempt: 1,
    idempotencyKey: "wex_1:/do/0/step#1",
    signal,
    workspaceDir,
    resolveSecrets: async (names) =>
      Object.fromEntries(names.flatMap((name) => (name in secrets ? [[name, secrets[name] ?? null]] : []))),
  };
  return { context, dispose: () => rmSync(workspaceDir, { recursive: true, force: true }) };
}

/** A request as the test server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A real HTTP server on a free port; `seen` keeps what arrived. */
export async function startServer(
  answer: (request: SeenRequest, response: http.ServerResponse) => void,
): Promise<{ origin: string; port: number; seen: SeenRequest[]; close(): Promise<void> }> {
  const seen: SeenRequest[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      seen.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { origin: `http://127.0.0.1:${port}`, port, seen, close };
}

/** The failure with which a promise ends; an error when it does not fail. */
export async function failureOf(promise: Promise<Json>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DurableFailure) return error.failure;
    throw error;
  }
  throw new Error("it did not fail");
}
