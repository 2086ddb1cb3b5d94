import { StigmerError } from "@stigmer/api";
import { ComponentFailure, EXIT } from "@stigmer/lifecycle";
import { writeFailure } from "./store/write-failure.ts";

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

/** What the disk or SQLite said, as the store reads it; undefined where it says nothing about the home. */
function fromSystem(error: unknown, home: string): StigmerError | undefined {
  const { reason, message } = writeFailure(error);
  if (reason === "INTERNAL") return undefined;
  return new StigmerError({ reason, message: `Cannot use home "${home}": ${message}`, cause: error });
}
