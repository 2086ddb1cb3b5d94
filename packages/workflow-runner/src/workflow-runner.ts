import { createEffects } from "@stigmer/effects";
import { workflowProgram } from "@stigmer/interpreter";
import type { ComponentContext, RunningComponent } from "@stigmer/lifecycle";
import { serveRunner } from "@stigmer/runner-link";

/** Kinds of effects that start processes in the execution's folder. */
const WORKSPACE_KINDS = ["shell", "script", "container"];

/**
 * Carries workflows: the interpreter as the durable program, the effects of its tasks, on the embedded engine.
 *
 * @throws {ComponentFailure} when no server can be reached
 */
export function startWorkflowRunner(context: ComponentContext): Promise<RunningComponent> {
  const { port } = context.environment;
  const ownPorts = () => (port === 0 ? [] : [port]);
  return serveRunner({
    component: "workflow-runner",
    context,
    programs: { workflow: workflowProgram },
    createEffects: () => createEffects({ addresses: { ownPorts }, redactor: context.redactor }),
    workspaceKinds: WORKSPACE_KINDS,
  });
}
