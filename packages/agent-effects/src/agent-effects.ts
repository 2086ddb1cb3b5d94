import { DurableFailure, type Json } from "@stigmer/durable";
import {
  type AddressPolicy,
  createCheckedFetch,
  createSensitiveValues,
  type EffectContext,
  type EffectHandler,
  redactFailure,
  redactJson,
  type SensitiveValues,
} from "@stigmer/effects";
import { type Command, type Redactor, roleCommand } from "@stigmer/lifecycle";
import { type BlobPort, cacheBlobs } from "./blobs.ts";
import { callMcpTool } from "./mcp/mcp-effect.ts";
import { createMcpSessions } from "./mcp/mcp-sessions.ts";
import { callModel } from "./model/model-effect.ts";
import { listTools } from "./tools/list-tools-effect.ts";
import { runTool } from "./tools/tool-effect.ts";
import { createToolboxes } from "./tools/toolboxes.ts";
import { createTranscripts } from "./transcript.ts";

/** What the effects of agents need to know. */
export interface AgentEffectsOptions {
  /** Where conversations, lists of tools and results of tools are kept. */
  readonly blobs: BlobPort;
  /** Which addresses model providers may have; everything but metadata services when absent. */
  readonly addresses?: AddressPolicy;
  /** Folders that no workspace may show, such as the home with its keys. */
  readonly protectedDirs?: readonly string[];
  /** Learns every secret value that an effect sees, such as the redactor of the process's log. */
  readonly redactor?: Redactor;
  /** How to start a guard; `roleCommand("guard")` when absent. */
  readonly guard?: Command;
  /** Until an MCP server has shaken hands, ms; 30 seconds when absent. */
  readonly mcpStartTimeoutMs?: number;
}

/** Every effect of agents by its kind. */
export interface AgentEffects {
  readonly handlers: Readonly<Record<string, EffectHandler>>;
  /** Ends the MCP servers of an execution that is over or has left this process. */
  closeExecution(executionId: string): Promise<void>;
  /** Ends all MCP servers. */
  close(): Promise<void>;
}

/** One effect; `sensitive` learns the secret values that it sees. */
type SecretHandler = (input: Json, context: EffectContext, sensitive: SensitiveValues) => Promise<Json>;

/** Without a byte from a model, ms. Local models read a long prompt for minutes before their first word. */
const MODEL_IDLE_MS = 15 * 60_000;

/** All that agents do outside: one row for each kind of effect. */
export function createAgentEffects(options: AgentEffectsOptions): AgentEffects {
  const blobs = cacheBlobs(options.blobs);
  const transcripts = createTranscripts(blobs);
  const toolboxes = createToolboxes(blobs);
  const fetch = createCheckedFetch({ addresses: options.addresses ?? {}, idleMs: MODEL_IDLE_MS });
  const sessions = createMcpSessions({
    guard: options.guard ?? roleCommand("guard"),
    startTimeoutMs: options.mcpStartTimeoutMs ?? 30_000,
  });
  const protectedDirs = options.protectedDirs ?? [];
  const guarded = (handler: SecretHandler) => withoutSecrets(handler, options.redactor);
  const handlers: Record<string, EffectHandler> = {
    model: guarded((input, context, sensitive) =>
      callModel(input, context, sensitive, { transcripts, toolboxes, fetch }),
    ),
    "agent-tools": guarded((input, context, sensitive) =>
      listTools(input, context, sensitive, { toolboxes, sessions, protectedDirs }),
    ),
    tool: guarded((input, context) => runTool(input, context, { blobs, protectedDirs })),
    mcp: guarded((input, context, sensitive) =>
      callMcpTool(input, context, sensitive, { blobs, toolboxes, sessions, protectedDirs }),
    ),
  };
  return { handlers, closeExecution: sessions.closeExecution, close: sessions.close };
}

/** Keeps the secret values that a handler sees out of its failures and its results. */
function withoutSecrets(handler: SecretHandler, redactor: Redactor | undefined): EffectHandler {
  return async (input, context) => {
    const sensitive = createSensitiveValues(redactor);
    try {
      return redactJson(await handler(input, context, sensitive), sensitive);
    } catch (error) {
      if (error instanceof DurableFailure) throw redactFailure(error, sensitive);
      throw error;
    }
  };
}
