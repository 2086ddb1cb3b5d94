import { isResourceKind, type ResourceRef, StigmerError } from "@stigmer/api";

/**
 * The reference of a request, with a kind.
 *
 * @throws {StigmerError} INVALID_REQUEST when the kind is missing
 */
export function readRef(ref: ResourceRef | undefined): ResourceRef {
  if (ref !== undefined && isResourceKind(ref.kind)) return ref;
  throw new StigmerError({
    reason: "INVALID_REQUEST",
    message: "Cannot read the request: ref.kind is empty",
    details: {
      findings: [{ code: "required", severity: "error", pointer: "/ref/kind", message: "one of the kinds is needed" }],
    },
  });
}
