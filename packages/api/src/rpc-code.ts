/** The sixteen RPC error codes, spelled as in the Connect protocol. */
export const RPC_CODES = [
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
] as const;

/** One of the sixteen RPC error codes; its number on the wire is its position in `RPC_CODES` plus 1. */
export type RpcCode = (typeof RPC_CODES)[number];
