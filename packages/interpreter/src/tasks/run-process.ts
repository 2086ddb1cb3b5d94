import type { Json, RunTask, ScriptProcess, ShellProcess } from "@stigmer/dsl";
import type { EffectCall } from "@stigmer/durable";
import { crashClass } from "../crash-class.ts";
import { effectArguments } from "../data-flow.ts";
import { faultOf } from "../fault.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { property } from "../json.ts";
import type { Step } from "../step.ts";

/** A process of the machine, by the kind of effect that runs it. */
export type LocalProcess =
  | { readonly kind: "shell"; readonly process: ShellProcess }
  | { readonly kind: "script"; readonly process: ScriptProcess };

/** Runs a shell command or a script; not awaited, it runs beside the tasks that follow and the run ends after it. */
export function* runProcess(frame: TaskFrame, task: RunTask, local: LocalProcess): Step<Outcome> {
  const call: EffectCall = {
    key: keyOf(frame),
    kind: local.kind,
    input: effectArguments(frame, processInput(task, local)),
    crash: crashClass(task, "repeat"),
  };
  if (task.run.await !== false) return yield* answered(frame, frame.durable.effect(call));
  const background = runInBackground(frame, call);
  background.catch(() => {}); // heard at the end of the run, if that comes
  frame.run.background.add(background);
  return frame.input;
}

function processInput(task: RunTask, { process }: LocalProcess): Json {
  const trim = property(task.metadata, "trim") === true;
  return { ...process, return: task.run.return ?? "stdout", ...(trim ? { trim } : {}) };
}

async function runInBackground(frame: TaskFrame, call: EffectCall): Promise<void> {
  const { durable } = frame.run;
  try {
    await durable.effect(call);
  } catch (error) {
    const fault = faultOf(error, frame.reference);
    if (fault === undefined) throw error;
    const message = `Task ${frame.reference} ran in the background and failed: ${fault.message}`;
    durable.report({ type: "log", data: { level: "warn", message } });
  }
}
