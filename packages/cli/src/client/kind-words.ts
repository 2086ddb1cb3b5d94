import { usageError } from "../cli-error.ts";

/** Words that people type for a kind. */
const WORDS: Readonly<Record<string, string>> = {
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
  execution: "Execution",
  executions: "Execution",
  ex: "Execution",
};

/** The kind that a word means: a resource kind, or `Execution`. */
export function kindOfWord(word: string): string {
  const kind = WORDS[word.toLowerCase()];
  if (kind !== undefined) return kind;
  throw usageError(`Cannot use kind "${word}": it is not one of workflow, agent, mcpserver, environment, execution`);
}

/** A name as typed, `namespace/name` or `name`, with an optional `:version`. */
export interface TypedName {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
}

/** Splits `namespace/name:version`; the option `--namespace` fills in what is missing. */
export function parseTypedName(text: string, namespace: string | undefined): TypedName {
  const [path = "", version = ""] = text.split(":", 2);
  const slash = path.indexOf("/");
  if (slash < 0) return { namespace: namespace ?? "", name: path, version };
  return { namespace: path.slice(0, slash), name: path.slice(slash + 1), version };
}

/** True for ids of executions. */
export function isExecutionId(text: string): boolean {
  return /^(wex|aex)_/.test(text);
}
