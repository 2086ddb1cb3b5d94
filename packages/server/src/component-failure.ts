import { StigmerError } from "@stigmer/api";
import { ComponentFailure, EXIT } from "@stigmer/lifecycle";

/** Exit codes by reason; any other reason is unexpected, where a restart may help. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  PORT_IN_USE: EXIT.temporary,
  SOCKET_IN_USE: EXIT.temporary,
  DATA_IN_USE: EXIT.temporary,
  INSECURE_BIND: EXIT.configuration,
  CONFIGURATION_INVALID: EXIT.configuration,
  SCHEMA_TOO_NEW: EXIT.configuration,
  SECRET_UNREADABLE: EXIT.configuration,
  DATA_CORRUPT: EXIT.configuration,
  DATA_NOT_WRITABLE: EXIT.io,
  DISK_FULL: EXIT.io,
};

const SYSTEM_REASONS: Readonly<Record<string, "DATA_NOT_WRITABLE" | "DISK_FULL">> = {
  EACCES: "DATA_NOT_WRITABLE",
  EPERM: "DATA_NOT_WRITABLE",
  EROFS: "DATA_NOT_WRITABLE",
  ENOTDIR: "DATA_NOT_WRITABLE",
  ENOSPC: "DISK_FULL",
  EDQUOT: "DISK_FULL",
};

/** What ends the process: the exit code says whether a restart can help. */
export function toComponentFailure(error: unknown, home: string): ComponentFailure {
  if (error instanceof ComponentFailure) return error;
  const known = error instanceof StigmerError ? error : fromSystem(error, home);
  if (known === undefined) {
    const message = error instanceof Error ? error.message : String(error);
    return new ComponentFailure({ reason: "INTERNAL", message, exitCode: EXIT.unexpected, cause: error });
  }
  const exitCode = EXIT_CODES[known.reason] ?? EXIT.unexpected;
  return new ComponentFailure({
    reason: known.reason,
    message: known.message,
    hint: known.hint,
    exitCode,
    cause: error,
  });
}

function fromSystem(error: unknown, home: string): StigmerError | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const reason = SYSTEM_REASONS[String(error.code)];
  if (reason === undefined) return undefined;
  return new StigmerError({ reason, message: `Cannot use home "${home}": ${error.message}`, cause: error });
}
