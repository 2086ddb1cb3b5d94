import type { AgentCallTask, Json } from "@stigmer/dsl";
import { evaluateValue } from "../data-flow.ts";
import { standardFault } from "../fault.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { isObject, property } from "../json.ts";
import { remember } from "../remember.ts";
import type { Step } from "../step.ts";

/** Runs an agent as a child execution; its structured result is the output. */
export function* callAgent(frame: TaskFrame, task: AgentCallTask): Step<Outcome> {
  const call = yield* remember(frame, () => callOf(frame, task));
  return yield* answered(
    frame,
    frame.durable.child({
      key: keyOf(frame),
      program: "agent",
      target: property(call, "target") ?? null,
      input: property(call, "input") ?? null,
      mode: "wait",
    }),
  );
}

function* callOf(frame: TaskFrame, task: AgentCallTask): Step<Json> {
  const args = yield* evaluateValue(frame, task.with);
  if (!isObject(args))
    throw standardFault({ error: "configuration", detail: "Cannot call an agent without arguments" });
  const { agent, ...input } = args;
  return { target: targetOf(frame.run.definition.document.namespace, agent), input };
}

/** `namespace/name`, a bare name of the workflow's own namespace, or the two as members. */
function targetOf(ownNamespace: string, agent: Json | undefined): Json {
  const written = typeof agent === "string" ? agent : property(agent, "name");
  const declared = property(agent, "namespace");
  const namespace = typeof declared === "string" ? declared : ownNamespace;
  if (typeof written !== "string" || written === "")
    throw standardFault({ error: "configuration", detail: "Cannot call an agent without its name" });
  const slash = typeof agent === "string" ? written.indexOf("/") : -1;
  return slash < 0
    ? { namespace, name: written }
    : { namespace: written.slice(0, slash), name: written.slice(slash + 1) };
}
