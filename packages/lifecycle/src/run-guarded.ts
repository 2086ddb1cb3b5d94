import type { Readable } from "node:stream";
import { type GuardedExit, type GuardedProcess, type SpawnGuardedParams, spawnGuarded } from "./guarded-process.ts";

/** A command to run to its end under a guard. */
export interface RunGuardedParams extends SpawnGuardedParams {
  /** Written to the command's standard input, which then closes. */
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Standard output and error together; 10 MB when absent. */
  readonly maxOutputBytes?: number;
  /** Absent means no limit. */
  readonly timeoutMs?: number;
}

/** How a command ended and what it said until then. Whatever the kind, its process group is gone. */
export interface GuardedOutcome {
  readonly kind: "exited" | "not-started" | "output-limit" | "timeout" | "aborted";
  /** Exit code, 128 + n after signal n; 127 when it did not start. */
  readonly code: number;
  /** Why it did not start, such as `ENOENT`; empty otherwise. */
  readonly reason: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Runs a command under a guard and collects its output; ends its group on abort, time limit or too much output. */
export async function runGuarded(params: RunGuardedParams): Promise<GuardedOutcome> {
  if (params.signal?.aborted) return { kind: "aborted", code: 0, reason: "", stdout: NOTHING, stderr: NOTHING };
  const running = spawnGuarded(params);
  let stopped: "output-limit" | "timeout" | "aborted" | undefined;
  const stop = (kind: "output-limit" | "timeout" | "aborted") => {
    stopped ??= kind;
    void running.end();
  };
  const onAbort = () => stop("aborted");
  params.signal?.addEventListener("abort", onAbort, { once: true });
  const timer = params.timeoutMs === undefined ? undefined : setTimeout(() => stop("timeout"), params.timeoutMs);
  try {
    running.stdin.end(params.stdin ?? "");
    const output = collectOutput(running, params.maxOutputBytes ?? 10_000_000, () => stop("output-limit"));
    const exit = await running.exited;
    await Promise.all([drained(running.stdout), drained(running.stderr)]);
    return describe(exit, stopped, output());
  } finally {
    clearTimeout(timer);
    params.signal?.removeEventListener("abort", onAbort);
  }
}

const NOTHING = Buffer.alloc(0);

interface Output {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Collects up to `maxBytes` of both streams together; returns a function that joins what came so far. */
function collectOutput(running: GuardedProcess, maxBytes: number, onLimit: () => void): () => Output {
  let sizeBytes = 0;
  const collect = (stream: Readable) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => {
      const room = maxBytes - sizeBytes;
      sizeBytes += chunk.length;
      if (room > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
      if (chunk.length > room) onLimit();
    });
    return chunks;
  };
  const stdout = collect(running.stdout);
  const stderr = collect(running.stderr);
  return () => ({ stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
}

/** Resolves at the stream's end; a process that left the group may hold it open, so half a second is all it gets. */
async function drained(stream: Readable): Promise<void> {
  if (stream.closed) return;
  const timer = setTimeout(() => stream.destroy(), 500);
  await new Promise((resolve) => stream.once("close", resolve));
  clearTimeout(timer);
}

function describe(exit: GuardedExit, stopped: GuardedOutcome["kind"] | undefined, output: Output): GuardedOutcome {
  switch (exit.kind) {
    case "not-started":
      return { kind: "not-started", code: 127, reason: exit.code, ...output };
    case "exited":
      return { kind: stopped ?? "exited", code: exit.code, reason: "", ...output };
  }
}
