import { StigmerError } from "@stigmer/api";
import type { ResourceKey } from "../store/commands-resources.ts";

/** The stored etag differs from the one that guards the write. */
export function etagMismatch(action: string, key: ResourceKey, etag: string): StigmerError {
  const state = etag === "" ? "it does not exist" : "somebody changed it meanwhile";
  return new StigmerError({
    reason: "ETAG_MISMATCH",
    message: `Cannot ${action} ${key.kind} "${key.namespace}/${key.name}": ${state}`,
    details: { metadata: { etag } },
  });
}

/** The idempotency key stands for another request already. */
export function keyReused(action: string): StigmerError {
  const message = `Cannot ${action}: the idempotency key belongs to another request`;
  return new StigmerError({ reason: "IDEMPOTENCY_KEY_REUSED", message });
}
