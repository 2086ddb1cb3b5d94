/** `apiVersion` of every envelope. */
export const API_VERSION = "stigmer.ai/v1";

/** Major version of the API; client and server of one major understand each other. */
export const API_MAJOR = 1;

/** What can be applied, in the order in which a set of documents is applied. */
export const RESOURCE_KINDS = ["Environment", "McpServer", "Agent", "Workflow"] as const;

/** A kind of resource. */
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** Whether the text names a kind, spelled exactly. */
export function isResourceKind(text: string): text is ResourceKind {
  return (RESOURCE_KINDS as readonly string[]).includes(text);
}

/** The kind that a person means by `workflows`, `wf`, `mcpserver` and the like; undefined when none. */
export function parseResourceKind(text: string): ResourceKind | undefined {
  const words: Readonly<Record<string, ResourceKind>> = {
    workflow: "Workflow",
    workflows: "Workflow",
    wf: "Workflow",
    agent: "Agent",
    agents: "Agent",
    mcpserver: "McpServer",
    mcpservers: "McpServer",
    mcp: "McpServer",
    environment: "Environment",
    environments: "Environment",
    env: "Environment",
  };
  const word = text.toLowerCase().replaceAll("-", "");
  return Object.hasOwn(words, word) ? words[word] : undefined;
}
