import type { ResourceKind } from "@stigmer/api";
import type { ResourceKey } from "../store/commands-resources.ts";
import type { JsonValue } from "./manifest.ts";

/** What a definition names by literal names; an expression in place of a name is known only when it runs. */
export function referencesOf(kind: ResourceKind, spec: JsonValue, namespace: string): readonly ResourceKey[] {
  const inner = kind === "Workflow" ? workflowReferences(spec, namespace) : serverReferences(spec, namespace);
  const found = [...inner, ...named("Environment", memberOf(spec, "environment"), namespace)];
  const byText = new Map(found.map((key) => [`${key.kind}/${key.namespace}/${key.name}`, key]));
  return [...byText.values()];
}

/** The member of an object, undefined for everything else. */
export function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A list's items, none for everything else. */
export function itemsOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function serverReferences(spec: JsonValue, namespace: string): readonly ResourceKey[] {
  return itemsOf(memberOf(spec, "mcpServers")).flatMap((entry) => named("McpServer", entry, namespace));
}

function workflowReferences(value: JsonValue, namespace: string): readonly ResourceKey[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => workflowReferences(item, namespace));
  const inner = Object.values(value).flatMap((member) => workflowReferences(member, namespace));
  return [
    ...subflow(memberOf(memberOf(value, "run"), "workflow"), namespace),
    ...agentCall(value, namespace),
    ...inner,
  ];
}

function subflow(call: JsonValue | undefined, namespace: string): readonly ResourceKey[] {
  const place = memberOf(call, "namespace");
  return named("Workflow", memberOf(call, "name"), typeof place === "string" ? place : namespace);
}

function agentCall(task: JsonValue, namespace: string): readonly ResourceKey[] {
  if (memberOf(task, "call") !== "agent") return [];
  const agent = memberOf(memberOf(task, "with"), "agent");
  if (typeof agent === "string") return named("Agent", agent, namespace);
  const place = memberOf(agent, "namespace");
  return named("Agent", memberOf(agent, "name"), typeof place === "string" ? place : namespace);
}

/** `name` or `namespace/name`; texts that cannot be names, such as expressions, name nothing yet. */
function named(kind: string, value: JsonValue | undefined, namespace: string): readonly ResourceKey[] {
  const match = typeof value === "string" ? /^(?:([a-z0-9-]+)\/)?([a-z0-9-]+)$/.exec(value) : null;
  return match?.[2] === undefined ? [] : [{ kind, namespace: match[1] ?? namespace, name: match[2] }];
}
