import type { RunTask } from "@stigmer/dsl";
import type { Outcome, TaskFrame } from "../frame.ts";
import type { Step } from "../step.ts";
import { notSupported } from "../unsupported.ts";
import { runProcess } from "./run-process.ts";
import { runSubflow } from "./run-subflow.ts";

const LANGUAGES: ReadonlySet<string> = new Set(["js", "javascript", "python"]);

/** Runs a process or another workflow. */
export function runRun(frame: TaskFrame, task: RunTask): Step<Outcome> {
  if ("workflow" in task.run) return runSubflow(frame, { process: task.run.workflow, waits: task.run.await !== false });
  if ("shell" in task.run) return runProcess(frame, task, { kind: "shell", process: task.run.shell });
  if ("container" in task.run) return runProcess(frame, task, { kind: "container", process: task.run.container });
  if (!LANGUAGES.has(task.run.script.language)) throw notSupported(`run: script in ${task.run.script.language}`);
  return runProcess(frame, task, { kind: "script", process: task.run.script });
}
