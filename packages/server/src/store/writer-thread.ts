import { Worker } from "node:worker_threads";
import type { CommandCall, GroupOutcome, WriteFailure } from "./command.ts";
import type { GroupWriter } from "./group-committer.ts";

/** What the writer's thread is told at its start. */
export interface WriterOptions {
  readonly databaseFile: string;
  readonly blobFolder: string;
}

/** From the main thread: a group, or the wish to end. */
export type WriterRequest =
  | { readonly kind: "commit"; readonly calls: readonly CommandCall[] }
  | { readonly kind: "close" };

/** To the main thread. */
export type WriterReply =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly outcome: GroupOutcome }
  | { readonly kind: "closed" };

/** What starting a writer needs. */
export interface StartWriterParams {
  /** `writer-main`: the .ts file from source, the bundle beside the server's in the product. */
  readonly file: string | URL;
  readonly options: WriterOptions;
  /** The thread died by itself; everything pending is lost. */
  readonly onDeath: (failure: WriteFailure) => void;
}

/** Starts the writer's thread; resolves when its connection is open and durable. */
export function startWriterThread(params: StartWriterParams): Promise<GroupWriter> {
  const worker = new Worker(params.file, { workerData: params.options, stdin: false, env: process.env });
  let done: ((outcome: GroupOutcome) => void) | undefined;
  let closed: (() => void) | undefined;
  let isDead = false;
  const writer: GroupWriter = {
    commit: (calls, settle) => {
      done = settle;
      worker.postMessage({ kind: "commit", calls } satisfies WriterRequest);
    },
    close: () =>
      new Promise((resolve) => {
        if (isDead) return resolve();
        closed = resolve;
        worker.postMessage({ kind: "close" } satisfies WriterRequest);
      }),
  };
  return new Promise((resolve, reject) => {
    const die = (error: Error): void => {
      reject(error);
      isDead = true;
      if (closed) return closed();
      params.onDeath({ reason: "INTERNAL", message: `the writer's thread ended: ${error.message}` });
    };
    worker.on("message", (reply: WriterReply) => {
      if (reply.kind === "ready") resolve(writer);
      else if (reply.kind === "closed") closed?.();
      else done?.(reply.outcome);
    });
    worker.on("error", (error) => die(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", (code) => die(new Error(`exit code ${code}`)));
  });
}
