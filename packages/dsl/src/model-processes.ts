import type { Json, JsonObject } from "./json.ts";
import type { ExternalResource } from "./model-connections.ts";
import type { Duration } from "./model-data.ts";

/** What a process gives; `all` is `{code, stdout, stderr}`. */
export type ProcessReturn = "stdout" | "stderr" | "code" | "all" | "none";

/** Exactly one process; `await` defaults to true, `return` to `stdout`. */
export type RunArguments = { readonly await?: boolean; readonly return?: ProcessReturn } & (
  | { readonly container: ContainerProcess }
  | { readonly script: ScriptProcess }
  | { readonly shell: ShellProcess }
  | { readonly workflow: WorkflowProcess }
);

/** A container; `pullPolicy` defaults to `ifNotPresent`, cleanup to `never`. */
export type ContainerProcess = {
  readonly image: string;
  readonly name?: string;
  readonly command?: string;
  readonly ports?: JsonObject;
  readonly volumes?: JsonObject;
  readonly environment?: JsonObject;
  readonly stdin?: string;
  readonly arguments?: ProcessArguments;
  readonly lifetime?: { readonly cleanup: "always" | "never" | "eventually"; readonly after?: Duration };
  readonly pullPolicy?: "ifNotPresent" | "always" | "never";
};

/** A script, inline (`code`) or from a resource (`source`). */
export type ScriptProcess = {
  readonly language: string;
  readonly code?: string;
  readonly source?: ExternalResource;
  readonly stdin?: string;
  readonly arguments?: ProcessArguments;
  readonly environment?: JsonObject;
};

/** A shell command. */
export type ShellProcess = {
  readonly command: string;
  readonly stdin?: string;
  readonly arguments?: ProcessArguments;
  readonly environment?: JsonObject;
};

/** Another workflow; `version` defaults to `latest`, the newest without a pre-release part. */
export type WorkflowProcess = {
  readonly namespace: string;
  readonly name: string;
  readonly version?: string;
  readonly input?: Json;
};

/** A list becomes arguments in order (1.0.3), a map becomes variables (1.0.0 to 1.0.2), a string is an expression. */
export type ProcessArguments = readonly Json[] | JsonObject | string;
