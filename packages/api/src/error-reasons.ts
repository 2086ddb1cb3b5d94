import type { RpcCode } from "./rpc-code.ts";

/** What stands behind a reason: the RPC code it is answered with, and the hint shown when the thrower has none. */
export interface ReasonEntry {
  readonly code: RpcCode;
  readonly hint: string;
}

function reason(code: RpcCode, hint: string): ReasonEntry {
  return { code, hint };
}

/**
 * The permanent table of error reasons. A reason is never renamed or given another meaning; each has a paragraph in
 * `docs/guide/errors.md`.
 */
export const ERROR_REASONS = {
  // Requests
  INVALID_REQUEST: reason("invalid_argument", "correct the named fields"),
  INVALID_DEFINITION: reason("invalid_argument", "check the document with: stigmer validate FILE"),
  INVALID_EVENT: reason("invalid_argument", "give the event an id, a source, a type and specversion 1.0"),
  INVALID_INPUT: reason("invalid_argument", "give valid JSON: --input FILE or --input '{\"key\": 1}'"),
  INVALID_PAGE_TOKEN: reason("invalid_argument", "begin again without a page token"),
  DOCUMENT_TOO_LARGE: reason("invalid_argument", "move large values out of the document into the input"),
  MESSAGE_TOO_LARGE: reason("resource_exhausted", "send less in one call"),
  UNKNOWN_METHOD: reason("unimplemented", "compare the versions with: stigmer version"),
  CONTENT_TYPE_NOT_ALLOWED: reason("invalid_argument", "send application/json or application/proto"),

  // Who may call
  UNAUTHENTICATED: reason("unauthenticated", "send the token of auth/client-token as: authorization: Bearer TOKEN"),
  CLIENT_TOKEN_REQUIRED: reason("permission_denied", "use the client token; runner tokens serve runners only"),
  RUNNER_TOKEN_REQUIRED: reason("permission_denied", "only runners call this service"),
  HOST_NOT_ALLOWED: reason("permission_denied", "call the server as 127.0.0.1 or localhost"),
  ORIGIN_NOT_ALLOWED: reason("permission_denied", "call the server from its own console or from a program"),
  LEASE_LOST: reason("failed_precondition", "drop the execution; another lease holds it"),
  SECRET_NOT_DECLARED: reason("permission_denied", "declare the secret in the definition and apply it again"),

  // What is named
  RESOURCE_NOT_FOUND: reason("not_found", "see what exists with: stigmer list"),
  REVISION_NOT_FOUND: reason("not_found", "see the revisions with: stigmer describe KIND NAME"),
  ENVIRONMENT_NOT_FOUND: reason("not_found", "see the environments with: stigmer list environments"),
  EXECUTION_NOT_FOUND: reason("not_found", "see the executions with: stigmer list executions"),
  SESSION_NOT_FOUND: reason("not_found", "see the sessions with: stigmer session list"),
  SECRET_NOT_FOUND: reason("not_found", "see the names with: stigmer secret list"),
  BLOB_NOT_FOUND: reason("not_found", "store the value again"),
  DECISION_NOT_FOUND: reason("not_found", "see the open questions with: stigmer decisions"),
  AMBIGUOUS_NAME: reason("failed_precondition", "name the namespace too: NAMESPACE/NAME"),

  // State
  ETAG_MISMATCH: reason("aborted", "read the resource again and repeat the change on what stands there now"),
  IDEMPOTENCY_KEY_REUSED: reason("failed_precondition", "use a new key for another request"),
  REFERENCED_BY: reason("failed_precondition", "delete or change what refers to it first"),
  REFERENCE_NOT_FOUND: reason("failed_precondition", "apply the missing resource first"),
  SECRET_MISSING: reason("failed_precondition", "store it with: stigmer secret set NAME"),
  EXECUTION_FINISHED: reason("failed_precondition", "start it anew with: stigmer run NAME"),
  DECISION_REFUSED: reason("failed_precondition", "see outcomes, approvers and form with: stigmer decisions -o yaml"),
  DECISION_TAKEN: reason("failed_precondition", "see who decided with: stigmer describe ID"),
  SESSION_BUSY: reason("failed_precondition", "wait for the running turn, or cancel it"),

  // Why an execution is suspended
  RUNNER_CRASHED: reason("unavailable", "look at stigmer logs, then: stigmer resume ID"),
  JOURNAL_MISMATCH: reason("data_loss", "restore the version that wrote the journal, then: stigmer resume ID"),
  PROGRAM_VERSION_UNKNOWN: reason("failed_precondition", "start a version that can read it, then: stigmer resume ID"),
  STEP_TOO_LARGE: reason("resource_exhausted", "make what the step gives smaller, then: stigmer resume ID"),
  CPU_BUDGET: reason("resource_exhausted", "simplify the expression that spins, then: stigmer resume ID"),

  // The server and its data
  SERVER_UNREACHABLE: reason("unavailable", "start it with: stigmer up"),
  SERVER_STOPPING: reason("unavailable", "try again in a moment"),
  OVERLOADED: reason("resource_exhausted", "try again in a moment"),
  DATA_IN_USE: reason("unavailable", "stop the other server with: stigmer down"),
  DATA_CORRUPT: reason("data_loss", "restore the last backup with: stigmer restore PATH"),
  DATA_NOT_WRITABLE: reason("failed_precondition", "make the home writable for this user, or set STIGMER_HOME"),
  DISK_FULL: reason("resource_exhausted", "free space on the disk of the home"),
  SCHEMA_TOO_NEW: reason("failed_precondition", "start the newer version, or: stigmer restore PATH"),
  SECRET_UNREADABLE: reason("data_loss", "put back auth/secret-key, or set the secret again"),
  PORT_IN_USE: reason("unavailable", "choose another port with: stigmer up --port PORT"),
  SOCKET_IN_USE: reason("unavailable", "stop the other server with: stigmer down"),
  INSECURE_BIND: reason("failed_precondition", "listen on 127.0.0.1, or set STIGMER_TLS_CERT and STIGMER_TLS_KEY"),
  CONFIGURATION_INVALID: reason("failed_precondition", "correct the named setting"),
  BACKUP_EXISTS: reason("already_exists", "name a path that does not exist yet"),
  BACKUP_INVALID: reason("data_loss", "use another backup"),
  RESTORE_BLOCKED: reason("failed_precondition", "stop the platform first with: stigmer down"),

  // The command line
  USAGE: reason("invalid_argument", "see: stigmer help"),
  FILE_NOT_FOUND: reason("not_found", "name a file that exists"),
  FILE_UNREADABLE: reason("permission_denied", "make the file readable for this user"),
  EXECUTION_FAULTED: reason("aborted", "look at it with: stigmer describe execution ID"),
  EXECUTION_CANCELLED: reason("canceled", "start it anew with: stigmer run NAME"),

  // Everything else
  TIMEOUT: reason("deadline_exceeded", "try again, or allow more time with --timeout"),
  INTERRUPTED: reason("canceled", "run the command again"),
  INTERNAL: reason("internal", "look at the server's log with: stigmer logs server"),
} as const satisfies Readonly<Record<string, ReasonEntry>>;

/** A permanent UPPER_SNAKE word that names why something cannot go on. */
export type ErrorReason = keyof typeof ERROR_REASONS;

/** Whether this build knows the word; a newer server may send others. */
export function isErrorReason(word: string): word is ErrorReason {
  return Object.hasOwn(ERROR_REASONS, word);
}
