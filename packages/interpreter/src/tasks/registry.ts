import type { TaskTable, TaskWork } from "../task-table.ts";
import { runCall } from "./call.ts";
import { runDo } from "./do.ts";
import { runEmit } from "./emit.ts";
import { runFor } from "./for.ts";
import { runFork } from "./fork.ts";
import { runListen } from "./listen.ts";
import { runRaise } from "./raise.ts";
import { runRun } from "./run.ts";
import { runSet } from "./set.ts";
import { runSwitch } from "./switch.ts";
import { runTry } from "./try.ts";
import { runWait } from "./wait.ts";

/** The work of every kind of task: a new kind is a file, its test and a row here. */
export const TASKS = {
  call: runCall as TaskWork,
  do: runDo as TaskWork,
  emit: runEmit as TaskWork,
  for: runFor as TaskWork,
  fork: runFork as TaskWork,
  listen: runListen as TaskWork,
  raise: runRaise as TaskWork,
  run: runRun as TaskWork,
  set: runSet as TaskWork,
  switch: runSwitch as TaskWork,
  try: runTry as TaskWork,
  wait: runWait as TaskWork,
} as const satisfies TaskTable;
