import type { Json } from "@stigmer/durable";
import type { PublishedEvent } from "../store/engine/publish.ts";
import type { ValueClaims } from "./values.ts";

/** A structured CloudEvent as the writer takes it; undefined when id, source or type is missing. */
export function publishedEvent(event: Json, claims: ValueClaims): PublishedEvent | undefined {
  if (typeof event !== "object" || event === null || Array.isArray(event)) return undefined;
  const members = Object.entries(event as { readonly [name: string]: Json });
  const text = (name: string): string | undefined => {
    const value = members.find(([key]) => key === name)?.[1];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const [id, source, type] = [text("id"), text("source"), text("type")];
  if (id === undefined || source === undefined || type === undefined) return undefined;
  const literals = members.filter(([, value]) => typeof value !== "object");
  return {
    id,
    source,
    type,
    event: claims.value(JSON.stringify(event)),
    attributes: Object.fromEntries(literals.map(([name, value]) => [name, JSON.stringify(value)])),
  };
}
