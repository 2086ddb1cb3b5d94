import type { Json } from "@stigmer/durable";
import {
  asText,
  type EffectContext,
  failure,
  InputReader,
  isObject,
  type JsonObject,
  type SensitiveValues,
} from "@stigmer/effects";

/** A stdio MCP server, ready to start. */
export interface McpServerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Tools that the agent may see; all when absent. */
  readonly enabledTools: readonly string[] | undefined;
}

/**
 * Reads a server's spec `{name, command, args?, env?: {NAME: text | {secret: NAME}}, enabledTools?}` and resolves its
 * secrets.
 *
 * @throws {DurableFailure} `configuration` for what cannot be used, `authorization` for a missing secret
 */
export async function readMcpServer(
  spec: Json,
  context: EffectContext,
  sensitive: SensitiveValues,
): Promise<McpServerCommand> {
  const reader = new InputReader("mcpServers", spec);
  const enabled = reader.value("enabledTools");
  return {
    name: reader.text("name"),
    command: reader.text("command"),
    args: reader.list("args").map(asText),
    env: await resolveEnvironment(reader.map("env"), context, sensitive),
    enabledTools: enabled === undefined ? undefined : reader.list("enabledTools").map(asText),
  };
}

async function resolveEnvironment(
  map: JsonObject,
  context: EffectContext,
  sensitive: SensitiveValues,
): Promise<Record<string, string>> {
  const names = Object.values(map).flatMap((value) => secretName(value) ?? []);
  const values = names.length === 0 ? {} : await context.resolveSecrets(names);
  sensitive.add(values);
  return Object.fromEntries(
    Object.entries(map).map(([variable, value]) => {
      const name = secretName(value);
      if (name === undefined) return [variable, asText(value)];
      if (!Object.hasOwn(values, name)) {
        throw failure("authorization", {
          detail: `Cannot start the MCP server: the environment has no secret "${name}"; add it with "stigmer secret set ${name}"`,
          retryable: false,
        });
      }
      return [variable, asText(values[name] ?? "")];
    }),
  );
}

function secretName(value: Json): string | undefined {
  return isObject(value) && typeof value.secret === "string" ? value.secret : undefined;
}
