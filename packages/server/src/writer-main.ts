import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { openBlobFiles } from "./store/blob-files.ts";
import { commands } from "./store/commands.ts";
import { commitGroup } from "./store/commit-group.ts";
import { setWriterPragmas } from "./store/pragmas.ts";
import { WriteConnection } from "./store/write-connection.ts";
import type { WriterOptions, WriterReply, WriterRequest } from "./store/writer-thread.ts";

// The writer's thread: one message in is one transaction, one message out says that it is on disk.
const port = parentPort;
if (!port) throw new Error("Cannot run the writer: it is not in a thread of the server");
const options: WriterOptions = workerData;
const raw = new DatabaseSync(options.databaseFile);
setWriterPragmas(raw, process.platform);
const parts = { db: new WriteConnection(raw), files: openBlobFiles(options.blobFolder), commands };
const reply = (message: WriterReply): void => port.postMessage(message);

port.on("message", (request: WriterRequest) => {
  if (request.kind === "commit") return reply({ kind: "done", outcome: commitGroup(parts, request.calls) });
  raw.exec("pragma wal_checkpoint(truncate)");
  raw.close();
  reply({ kind: "closed" });
  port.close();
});
reply({ kind: "ready" });
