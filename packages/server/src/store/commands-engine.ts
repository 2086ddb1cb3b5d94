import { appendEntries } from "./engine/append.ts";
import { dropOrphanFiles, sweepBlobs } from "./engine/blobs.ts";
import { cancelExecution, deliverItem, pauseExecution, resumeExecution } from "./engine/control.ts";
import { fireTimer, freeLease, leaseExecution, parkExecution } from "./engine/lease.ts";
import { pruneExecutions, pruneJournals, pruneKeys, prunePublished, shrinkFile } from "./engine/prune.ts";
import { publishEvent } from "./engine/publish.ts";
import { startExecution } from "./engine/start.ts";
import { putBlob } from "./engine/stored-value.ts";

/** Writes of the embedded engine. */
export const engineCommands = {
  startExecution,
  leaseExecution,
  freeLease,
  appendEntries,
  parkExecution,
  fireTimer,
  cancelExecution,
  pauseExecution,
  resumeExecution,
  deliverItem,
  publishEvent,
  putBlob,
  sweepBlobs,
  dropOrphanFiles,
  pruneJournals,
  pruneExecutions,
  prunePublished,
  pruneKeys,
  shrinkFile,
};
