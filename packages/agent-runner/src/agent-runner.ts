import { createAgentEffects } from "@stigmer/agent-effects";
import { agentProgram } from "@stigmer/agent-loop";
import type { ComponentContext, RunningComponent } from "@stigmer/lifecycle";
import { serveRunner } from "@stigmer/runner-link";
import { serverBlobs } from "./server-blobs.ts";

/** Kinds of effects that work in the execution's folder. */
const WORKSPACE_KINDS = ["tool", "mcp", "agent-tools"];

/**
 * Carries agents: the loop as the durable program, model calls and tools as its effects, on the embedded engine.
 *
 * @throws {ComponentFailure} when no server can be reached
 */
export function startAgentRunner(context: ComponentContext): Promise<RunningComponent> {
  const { port, home } = context.environment;
  const { log, redactor } = context;
  return serveRunner({
    component: "agent-runner",
    context,
    programs: { agent: agentProgram },
    workspaceKinds: WORKSPACE_KINDS,
    createEffects: (link) => {
      const effects = createAgentEffects({
        blobs: serverBlobs(link),
        addresses: { ownPorts: () => (port === 0 ? [] : [port]) },
        protectedDirs: [home],
        redactor,
      });
      return {
        handlers: effects.handlers,
        close: effects.close,
        forget: (executionId) => {
          effects.closeExecution(executionId).catch((error: unknown) => {
            log.warn("cannot end the MCP servers of an execution", { executionId, error });
          });
        },
      };
    },
  });
}
