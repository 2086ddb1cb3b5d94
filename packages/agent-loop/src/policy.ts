import type { Toolbox, ToolSummary } from "./agent-state.ts";
import type { ModelCall } from "./model-answer.ts";

/** What becomes of a tool call. An approval by a person will be a third kind. */
export type Decision =
  | { readonly kind: "allow"; readonly tool: ToolSummary }
  | {
      readonly kind: "refuse";
      readonly reason: "unknown-tool" | "invalid-arguments" | "not-read-only";
      readonly text: string;
    };

/** Decides on one call: tools that only read are allowed, everything else is refused in words for the model. Pure. */
export function decide(call: ModelCall, toolbox: Toolbox): Decision {
  const tool = toolbox.tools.find((candidate) => candidate.name === call.name);
  if (tool === undefined) return { kind: "refuse", reason: "unknown-tool", text: unknownTool(call.name, toolbox) };
  if (call.invalid !== undefined) {
    return { kind: "refuse", reason: "invalid-arguments", text: `The arguments cannot be used: ${call.invalid}` };
  }
  if (!tool.readOnly) {
    return {
      kind: "refuse",
      reason: "not-read-only",
      text: `The tool "${tool.name}" may change something, and here only tools that read are allowed. It was not run. Go on without it, or say in your answer what should be done.`,
    };
  }
  return { kind: "allow", tool };
}

function unknownTool(name: string, toolbox: Toolbox): string {
  const names = toolbox.tools.map((tool) => tool.name).join(", ");
  return `There is no tool "${name}". ${names === "" ? "There are no tools here; answer without them." : `The tools are: ${names}.`}`;
}
