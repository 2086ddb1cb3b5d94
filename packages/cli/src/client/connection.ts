import { existsSync } from "node:fs";
import { isStigmerError, type StigmerError } from "@stigmer/api";
import { createClient, type StigmerClient } from "@stigmer/sdk";
import { CLI_EXIT, CliError } from "../cli-error.ts";
import type { CliContext } from "../command.ts";
import { isPlatformAlive, readStateFile } from "../supervisor/state-file.ts";

/**
 * Runs `use` with a client of the running server, over the home's socket: no token leaves for a port.
 *
 * @throws {CliError} SERVER_UNREACHABLE when no server listens, or what the server answered
 */
export async function withClient<T>(context: CliContext, use: (client: StigmerClient) => Promise<T>): Promise<T> {
  if (!existsSync(context.paths.socket)) throw unreachable(context);
  const client = createClient({ socketPath: context.paths.socket });
  try {
    return await use(client);
  } catch (error) {
    throw isStigmerError(error) ? toCliError(error, context) : error;
  } finally {
    client.close();
  }
}

/** What the server answered, for a person: the first finding with its place, and the hint as next step. */
export function toCliError(error: StigmerError, context: CliContext): CliError {
  if (error.reason === "SERVER_UNREACHABLE") return unreachable(context, error);
  const candidates = error.details.metadata?.candidates;
  return new CliError({
    reason: error.reason,
    message: candidates === undefined ? error.message : `${error.message} (${candidates})`,
    next: error.hint === "" ? undefined : error.hint,
    exitCode: exitCodeOf(error),
    cause: error,
  });
}

function unreachable(context: CliContext, cause?: unknown): CliError {
  const { paths } = context;
  const state = readStateFile(paths.state);
  const server = isPlatformAlive(state) ? state.components.server : undefined;
  const why = server === undefined ? "it is not running" : `it is ${server.phase}, ${server.reason ?? "wait a moment"}`;
  return new CliError({
    reason: "SERVER_UNREACHABLE",
    message: `Cannot reach the server of ${paths.home}: ${why}`,
    where: paths.socket,
    next: server === undefined ? "stigmer up" : "stigmer status",
    exitCode: CLI_EXIT.unreachable,
    cause,
  });
}

function exitCodeOf(error: StigmerError): number {
  switch (error.code) {
    case "invalid_argument":
      return CLI_EXIT.usage;
    case "not_found":
      return CLI_EXIT.notFound;
    case "unauthenticated":
    case "permission_denied":
      return CLI_EXIT.notAllowed;
    case "unavailable":
      return CLI_EXIT.unreachable;
    case "deadline_exceeded":
      return CLI_EXIT.timeout;
    default:
      return CLI_EXIT.failure;
  }
}
