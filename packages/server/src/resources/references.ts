import type { ResourceKind } from "@stigmer/api";
import { joinPointer } from "@stigmer/dsl";
import type { ResourceKey } from "../store/commands-resources.ts";
import type { JsonValue } from "./manifest.ts";

/** A literal name in a definition, and where it stands. */
export interface Reference extends ResourceKey {
  /** JSON pointer below the definition. */
  readonly pointer: string;
}

/** A value of a definition with its JSON pointer. */
interface Place {
  readonly value: JsonValue | undefined;
  readonly pointer: string;
}

/** What a definition names by literal names; an expression in place of a name is known only when it runs. */
export function referencesOf(kind: ResourceKind, spec: JsonValue, namespace: string): readonly Reference[] {
  const root: Place = { value: spec, pointer: "" };
  const inner = kind === "Workflow" ? workflowReferences(root, namespace) : serverReferences(root, namespace);
  const found = [...inner, ...named("Environment", at(root, "environment"), namespace)];
  // The first place of each stands.
  const byText = new Map(found.toReversed().map((key) => [`${key.kind}/${key.namespace}/${key.name}`, key]));
  return [...byText.values()].toReversed();
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

function serverReferences(spec: Place, namespace: string): readonly Reference[] {
  return inside(at(spec, "mcpServers")).flatMap((entry) => named("McpServer", entry, namespace));
}

function workflowReferences(place: Place, namespace: string): readonly Reference[] {
  const inner = inside(place).flatMap((member) => workflowReferences(member, namespace));
  return [...subflow(at(at(place, "run"), "workflow"), namespace), ...agentCall(place, namespace), ...inner];
}

function subflow(call: Place, namespace: string): readonly Reference[] {
  return named("Workflow", at(call, "name"), textOr(at(call, "namespace"), namespace));
}

function agentCall(task: Place, namespace: string): readonly Reference[] {
  if (memberOf(task.value, "call") !== "agent") return [];
  const agent = at(at(task, "with"), "agent");
  if (typeof agent.value === "string") return named("Agent", agent, namespace);
  return named("Agent", at(agent, "name"), textOr(at(agent, "namespace"), namespace));
}

function at({ value, pointer }: Place, name: string): Place {
  return { value: memberOf(value, name), pointer: joinPointer(pointer, name) };
}

/** Members of a map or items of a list. */
function inside({ value, pointer }: Place): readonly Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, member]) => ({ value: member, pointer: joinPointer(pointer, name) }));
}

function textOr({ value }: Place, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}

/** `name` or `namespace/name`; texts that cannot be names, such as expressions, name nothing yet. */
function named(kind: string, { value, pointer }: Place, namespace: string): readonly Reference[] {
  const match = typeof value === "string" ? /^(?:([a-z0-9-]+)\/)?([a-z0-9-]+)$/.exec(value) : null;
  return match?.[2] === undefined ? [] : [{ kind, namespace: match[1] ?? namespace, name: match[2], pointer }];
}
