import { createAgentEffects, createMemoryBlobs } from "@stigmer/agent-effects";
import type { Manifest } from "@stigmer/dsl";
import type { Json } from "@stigmer/durable";
import type { Effects } from "@stigmer/effects";
import { usageError } from "../cli-error.ts";

/** An agent as a document gives it. */
export type AgentManifest = Extract<Manifest, { kind: "Agent" }>;

/** One turn of an agent in this process. */
export interface AgentTurnParams {
  readonly agent: AgentManifest;
  /** `{message, data?, output?, session?, workspace?}`, as a task or a person gives it. */
  readonly turn: Json;
  readonly id: string;
  readonly startedAtMs: number;
}

/** The conversations of one local run: they live as long as its process. */
export interface LocalSessions {
  /** Remembers where a conversation ended, from the output of a turn. */
  learn(output: Json): void;
  /** The session of a turn, with the place where it goes on. */
  continued(session: Json | undefined): Json | undefined;
}

/** Sessions that are kept in memory. */
export function createLocalSessions(): LocalSessions {
  const heads = new Map<string, Json>();
  return {
    learn(output) {
      const session = member(output, "session");
      const id = member(session, "id");
      const headRef = member(session, "headRef");
      if (typeof id === "string" && headRef !== undefined) heads.set(id, headRef);
    },
    continued(session) {
      if (typeof session !== "string" || session === "") return undefined;
      const headRef = heads.get(session);
      return headRef === undefined ? { id: session } : { id: session, headRef };
    },
  };
}

/**
 * Input of the agent program.
 *
 * @param documents where the MCP servers that the agent names are found
 * @returns the reason as a text when a server is missing
 */
export function agentInput(
  { agent, turn, id, startedAtMs }: AgentTurnParams,
  documents: readonly Manifest[],
  sessions: LocalSessions,
): { readonly [name: string]: Json } | string {
  const mcpServers: Record<string, Json> = {};
  for (const written of agent.spec.mcpServers ?? []) {
    if (typeof written !== "string") continue;
    const found = findServer(documents, written, agent.namespace);
    if (found === undefined) return `agent "${agent.name}" uses McpServer "${written}", which no document defines`;
    mcpServers[written] = found;
  }
  const given = isMap(turn) ? turn : {};
  const session = sessions.continued(member(turn, "session"));
  return {
    ...given,
    definition: { ...agent.spec } as Json,
    execution: { id, namespace: agent.namespace, startedAtMs },
    mcpServers,
    ...(session === undefined ? {} : { session }),
  };
}

/** Finds an agent by `{namespace, name}`, as a call of a workflow names it. */
export function findAgent(documents: readonly Manifest[], target: Json): AgentManifest | undefined {
  return documents.find(
    (manifest): manifest is AgentManifest =>
      manifest.kind === "Agent" &&
      manifest.name === member(target, "name") &&
      manifest.namespace === member(target, "namespace"),
  );
}

function findServer(documents: readonly Manifest[], written: string, ownNamespace: string): Json | undefined {
  const slash = written.indexOf("/");
  const namespace = slash < 0 ? ownNamespace : written.slice(0, slash);
  const name = written.slice(slash + 1);
  const found = documents.find(
    (manifest) => manifest.kind === "McpServer" && manifest.namespace === namespace && manifest.name === name,
  );
  return found === undefined ? undefined : ({ ...found.spec } as Json);
}

/** What agents do outside, with blobs in memory. */
export function createLocalAgentEffects(params: { readonly protectedDirs: readonly string[] }): Effects {
  const effects = createAgentEffects({ blobs: createMemoryBlobs(), protectedDirs: params.protectedDirs });
  return { handlers: effects.handlers, close: () => void effects.close() };
}

/** The words for a run of an agent: it cannot begin without being told something. */
export function requireMessage(message: string | undefined, fileName: string): string {
  if (message !== undefined && message !== "") return message;
  throw usageError(
    `Cannot run the agent of "${fileName}": no message was given`,
    `stigmer run --local -f ${fileName} -m "…"`,
  );
}

function member(value: Json | undefined, name: string): Json | undefined {
  return value !== undefined && isMap(value) ? value[name] : undefined;
}

function isMap(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
