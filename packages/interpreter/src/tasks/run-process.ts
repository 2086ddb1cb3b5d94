import type { ContainerProcess, Json, JsonObject, RunTask, ScriptProcess, ShellProcess } from "@stigmer/dsl";
import type { EffectCall } from "@stigmer/durable";
import { sourceOf } from "../connections.ts";
import { crashClass } from "../crash-class.ts";
import { durationMs, effectArguments, inDefinition } from "../data-flow.ts";
import { faultOf } from "../fault.ts";
import { fetchResource } from "../fetch-resource.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { property } from "../json.ts";
import type { Step } from "../step.ts";

/** A process of the machine, by the kind of effect that runs it. */
export type LocalProcess =
  | { readonly kind: "shell"; readonly process: ShellProcess }
  | { readonly kind: "script"; readonly process: ScriptProcess }
  | { readonly kind: "container"; readonly process: ContainerProcess };

/** Runs a shell command, a script or a container; not awaited, it runs beside the tasks that follow and the run ends after it. */
export function* runProcess(frame: TaskFrame, task: RunTask, local: LocalProcess): Step<Outcome> {
  const call: EffectCall = {
    key: keyOf(frame),
    kind: local.kind,
    input: yield* processInput(frame, task, local),
    crash: crashClass(task, "repeat"),
  };
  if (task.run.await !== false) return yield* answered(frame, frame.durable.effect(call));
  const background = runInBackground(frame, call);
  background.catch(() => {}); // heard at the end of the run, if that comes
  frame.run.background.add(background);
  return frame.input;
}

function* processInput(frame: TaskFrame, task: RunTask, local: LocalProcess): Step<Json> {
  const trim = property(task.metadata, "trim") === true;
  const { members, asTheyAre } = yield* membersOf(frame, local);
  return {
    ...members,
    ...asTheyAre,
    return: task.run.return ?? "stdout",
    ...(trim ? { trim } : {}),
  };
}

/** The process with its expressions filled in, and what no expression may stand in. */
function* membersOf(frame: TaskFrame, local: LocalProcess): Step<{ members: JsonObject; asTheyAre?: JsonObject }> {
  switch (local.kind) {
    case "shell":
      return { members: filledIn(frame, local.process) };
    case "script": {
      const { source, ...script } = local.process;
      const members = filledIn(frame, script);
      if (source === undefined) return { members };
      const evaluation = inDefinition(frame);
      const endpoint = sourceOf(evaluation, source.endpoint);
      return { members, asTheyAre: { code: yield* fetchResource(evaluation, { endpoint, as: "text" }) } };
    }
    case "container": {
      const { lifetime, ...container } = local.process;
      const members = filledIn(frame, container);
      return lifetime === undefined ? { members } : { members, asTheyAre: { lifetime: lifetimeOf(frame, lifetime) } };
    }
  }
}

function filledIn(frame: TaskFrame, members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, effectArguments(frame, value)]));
}

function lifetimeOf(frame: TaskFrame, { cleanup, after }: NonNullable<ContainerProcess["lifetime"]>): Json {
  return after === undefined ? { cleanup } : { cleanup, afterMs: durationMs(frame, after) };
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
