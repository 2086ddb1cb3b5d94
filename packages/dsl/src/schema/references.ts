import { isList, isObject, type Json, type JsonObject } from "../json.ts";
import { splitPointer } from "../text/pointers.ts";

/**
 * Finds what `$ref` means inside a schema: `#`, `#/pointer`, `#anchor`, and `$id`s of its own parts.
 *
 * Nothing is fetched: a reference that leads outside gives undefined.
 */
export function createResolver(root: Json): (reference: string) => Json | undefined {
  let named: ReadonlyMap<string, Json> | undefined;
  return (reference) => {
    const [id = "", fragment = ""] = reference.split("#", 2);
    named ??= collectNames(root);
    const base = id === "" ? root : named.get(id);
    if (base === undefined || fragment === "") return base;
    return fragment.startsWith("/") ? follow(base, decode(fragment)) : named.get(`#${fragment}`);
  };
}

function follow(base: Json, pointer: string): Json | undefined {
  let at: Json | undefined = base;
  for (const key of splitPointer(pointer)) {
    if (isList(at)) at = at[Number(key)];
    else if (isObject(at) && Object.hasOwn(at, key)) at = at[key];
    else return undefined;
  }
  return at;
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function collectNames(root: Json): ReadonlyMap<string, Json> {
  const named = new Map<string, Json>();
  const open: Json[] = [root];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isList(next)) open.push(...next);
    if (!isObject(next)) continue;
    for (const [name, schema] of namesOf(next)) if (!named.has(name)) named.set(name, schema);
    open.push(...Object.values(next));
  }
  return named;
}

/** Names of a schema: its `$id`, whole and by its last segment, and its anchors. */
function namesOf(schema: JsonObject): readonly (readonly [string, Json])[] {
  const { $id, $anchor, $dynamicAnchor } = schema;
  const names: string[] = [];
  if (typeof $id === "string") names.push($id.replace(/#$/, ""), $id.slice($id.lastIndexOf("/") + 1));
  if (typeof $anchor === "string") names.push(`#${$anchor}`);
  if (typeof $dynamicAnchor === "string") names.push(`#${$dynamicAnchor}`);
  return names.filter((name) => name !== "").map((name) => [name, schema] as const);
}
