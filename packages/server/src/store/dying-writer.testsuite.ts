import { parentPort } from "node:worker_threads";
import type { WriterReply, WriterRequest } from "./writer-thread.ts";

// A writer that ends in the middle of its first group.
parentPort?.on("message", (request: WriterRequest) => {
  if (request.kind === "commit") process.exit(9);
});
parentPort?.postMessage({ kind: "ready" } satisfies WriterReply);
