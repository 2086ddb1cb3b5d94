import type { JsonValue } from "../resources/manifest.ts";
import { itemsOf, memberOf } from "../resources/references.ts";

/**
 * Names of secrets that a pinned definition declares: `use.secrets` of a workflow; of an agent the key of its model
 * and everything written `{secret: NAME}` in its own MCP servers and the pinned ones.
 *
 * @param program `workflow` or `agent`
 * @param servers pinned specs of the MCP servers that the agent names
 */
export function declaredSecrets(program: string, definition: JsonValue, servers: JsonValue): readonly string[] {
  const found =
    program === "agent"
      ? [
          ...referred(memberOf(definition, "model")),
          ...referred(memberOf(definition, "mcpServers")),
          ...referred(servers),
        ]
      : itemsOf(memberOf(memberOf(definition, "use"), "secrets")).filter((name) => typeof name === "string");
  return [...new Set(found)];
}

function referred(value: JsonValue | undefined): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(referred);
  const secret = value.secret;
  return [...(typeof secret === "string" ? [secret] : []), ...Object.values(value).flatMap(referred)];
}
