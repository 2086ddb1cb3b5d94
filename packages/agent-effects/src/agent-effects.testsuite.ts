import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DurableFailure, type Failure, type Json } from "@stigmer/durable";
import type { EffectContext } from "@stigmer/effects";
import { createAgentEffects } from "./agent-effects.ts";
import { type BlobPort, createMemoryBlobs } from "./blobs.ts";

/** Effects of agents with blobs in memory and a workspace of their own. */
export interface Bench {
  readonly blobs: BlobPort;
  readonly workspaceDir: string;
  /** Text that was streamed, by offset. */
  readonly tokens: { offset: number; text: string }[];
  run(kind: string, input: Json, more?: { readonly key?: string; readonly signal?: AbortSignal }): Promise<Json>;
  dispose(): Promise<void>;
}

/** Sets a bench up. @param secrets values by name */
export function createBench(
  secrets: Readonly<Record<string, Json>> = {},
  protectedDirs: readonly string[] = [],
): Bench {
  const workspaceDir = mkdtempSync(join(tmpdir(), "agent-"));
  const blobs = createMemoryBlobs();
  const effects = createAgentEffects({ blobs, protectedDirs, mcpStartTimeoutMs: 1_500 });
  const tokens: { offset: number; text: string }[] = [];
  const run: Bench["run"] = (kind, input, more) => {
    const handler = effects.handlers[kind];
    if (!handler) throw new Error(`no effect ${kind}`);
    const context: EffectContext = {
      executionId: "aex_1",
      key: more?.key ?? "model/1",
      attempt: 1,
      idempotencyKey: "k",
      signal: more?.signal ?? new AbortController().signal,
      workspaceDir,
      resolveSecrets: async (names) =>
        Object.fromEntries(names.flatMap((name) => (name in secrets ? [[name, secrets[name] ?? null]] : []))),
      onToken: (offset, text) => void tokens.push({ offset, text }),
    };
    return handler(input, context);
  };
  const dispose = async () => {
    await effects.close();
    rmSync(workspaceDir, { recursive: true, force: true });
  };
  return { blobs, workspaceDir, tokens, run, dispose };
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

/** A request as a fake provider saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: { readonly [key: string]: Json };
}

/** A real HTTP server that plays a model provider. */
export interface FakeProvider {
  readonly origin: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** Starts a fake provider; `answer` writes the response to one request. */
export async function startProvider(
  answer: (request: SeenRequest, response: http.ServerResponse) => void,
): Promise<FakeProvider> {
  const seen: SeenRequest[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString() || "{}") as { [key: string]: Json };
      const one = { path: request.url ?? "", headers: request.headers, body };
      seen.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
