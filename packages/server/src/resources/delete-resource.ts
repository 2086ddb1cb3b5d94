import { DEFAULT_NAMESPACE, type DeleteRequest, DeleteRequestSchema, StigmerError } from "@stigmer/api";
import type { ApplyResourceDeps } from "./apply-resource.ts";
import { idempotencyOf } from "./request-digest.ts";
import { etagMismatch, keyReused } from "./resource-errors.ts";
import type { RefParts } from "./resource-rows.ts";

/**
 * Deletes a resource with all its revisions; runs keep the definition that they pinned.
 *
 * @throws {StigmerError} RESOURCE_NOT_FOUND, REFERENCED_BY, ETAG_MISMATCH, IDEMPOTENCY_KEY_REUSED
 */
export async function deleteResource(
  deps: Pick<ApplyResourceDeps, "store" | "nowMs" | "onChanged">,
  ref: RefParts,
  request: DeleteRequest,
): Promise<void> {
  const namespace = ref.namespace === "" ? DEFAULT_NAMESPACE : ref.namespace;
  const key = { kind: ref.kind, namespace, name: ref.name };
  const idempotency = idempotencyOf({ schema: DeleteRequestSchema, request, namespace, method: "Delete" });
  const result = await deps.store.write("deleteResource", {
    ...key,
    etag: request.etag,
    ...(idempotency === undefined ? {} : { idempotency }),
    nowMs: deps.nowMs(),
  });
  const subject = `${key.kind} "${namespace}/${key.name}"`;
  switch (result.kind) {
    case "deleted":
      return deps.onChanged(key.kind);
    case "absent":
      throw new StigmerError({ reason: "RESOURCE_NOT_FOUND", message: `Cannot delete ${subject}: it does not exist` });
    case "referenced": {
      const message = `Cannot delete ${subject}: ${result.by.join(", ")} still ${result.by.length === 1 ? "needs" : "need"} it`;
      throw new StigmerError({ reason: "REFERENCED_BY", message, details: { metadata: { by: result.by.join(",") } } });
    }
    case "etag-mismatch":
      throw etagMismatch("delete", key, result.etag);
    case "key-reused":
      throw keyReused("delete");
  }
}
