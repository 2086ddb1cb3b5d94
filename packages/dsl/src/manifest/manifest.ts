import type { Json, JsonObject } from "../json.ts";
import type { WorkflowDocument } from "../model.ts";
import type { Duration } from "../model-data.ts";

/** What every applied document has. */
export interface ManifestIdentity {
  /** `default` where the document names none. */
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A document that can be applied, read and checked. */
export type Manifest = ManifestIdentity &
  (
    | { readonly kind: "Workflow"; readonly document: WorkflowDocument; readonly spec: WorkflowDocument }
    | { readonly kind: "Agent"; readonly spec: AgentSpec }
    | { readonly kind: "McpServer"; readonly spec: McpServerSpec }
    | { readonly kind: "Environment"; readonly spec: EnvironmentSpec }
  );

/** An agent: what it is told, who thinks, and what it may use. */
export type AgentSpec = {
  readonly description?: string;
  readonly instructions: string;
  readonly model: ModelSpec;
  readonly tools?: readonly string[];
  /** Names of McpServers (`name` or `namespace/name`), or servers of its own. */
  readonly mcpServers?: readonly (string | (McpServerSpec & { readonly name: string }))[];
  readonly outputSchema?: Json;
  readonly limits?: { readonly steps?: number; readonly tokens?: number; readonly time?: Duration };
  readonly workspace?: string;
  readonly environment?: string;
};

/** Which model and how it is asked; `turns` and `loop` belong to the provider `scripted`. */
export type ModelSpec = {
  readonly provider: "anthropic" | "openai" | "openai-compatible" | "ollama" | "scripted";
  readonly name?: string;
  readonly baseUrl?: string;
  readonly apiKey?: { readonly secret: string };
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly contextTokens?: number;
  readonly turns?: readonly Json[];
  readonly loop?: boolean;
};

/** How an MCP server is started; variables are texts or `{secret: NAME}`. */
export type McpServerSpec = {
  readonly transport?: "stdio";
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string | { readonly secret: string } };
  readonly enabledTools?: readonly string[];
};

/** Values by name: `variables` for everybody, `secrets` for running work only. */
export type EnvironmentSpec = {
  readonly description?: string;
  readonly variables?: JsonObject;
  readonly secrets?: JsonObject;
};
