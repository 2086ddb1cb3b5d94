import { DEFAULT_ENVIRONMENT, DEFAULT_NAMESPACE, StigmerError } from "@stigmer/api";
import type { JsonObject, JsonValue } from "../resources/manifest.ts";
import { memberOf } from "../resources/references.ts";
import { findNewest } from "../resources/resource-rows.ts";
import type { ReadConnection } from "../store/read-connection.ts";

/** What an execution runs in: the name of an environment and its plain variables as they stand now. */
export interface ChosenEnvironment {
  readonly name: string;
  readonly variables: JsonObject;
}

/** What the choice depends on. */
export interface ChooseEnvironmentParams {
  readonly namespace: string;
  /** The caller's wish; empty means none. */
  readonly asked: string;
  /** What the definition itself names. */
  readonly own: string | undefined;
}

/**
 * The caller's environment, else the definition's, else `default`, which need not exist.
 *
 * @throws {StigmerError} ENVIRONMENT_NOT_FOUND
 */
export function chooseEnvironment(read: ReadConnection, params: ChooseEnvironmentParams): ChosenEnvironment {
  const { namespace } = params;
  const name = params.asked || params.own || DEFAULT_ENVIRONMENT;
  const row = findNewest(read, { kind: "Environment", namespace, name });
  if (row === undefined && name !== DEFAULT_ENVIRONMENT) {
    const message = `Cannot use environment "${namespace}/${name}": it does not exist`;
    throw new StigmerError({ reason: "ENVIRONMENT_NOT_FOUND", message });
  }
  const spec: JsonValue = row === undefined ? {} : JSON.parse(row.definition);
  return { name, variables: (memberOf(spec, "variables") ?? {}) as JsonObject };
}

/** @throws {StigmerError} SECRET_MISSING naming all that are missing */
export function requireSecrets(
  read: ReadConnection,
  place: { readonly namespace: string; readonly environment: string; readonly subject: string },
  names: readonly string[],
): void {
  const missing = names.filter((name) => findSealed(read, place, name) === undefined);
  if (missing.length === 0) return;
  const where = place.namespace === DEFAULT_NAMESPACE ? "" : ` -n ${place.namespace}`;
  const option = place.environment === DEFAULT_ENVIRONMENT ? "" : ` -e ${place.environment}`;
  throw new StigmerError({
    reason: "SECRET_MISSING",
    message: `Cannot start ${place.subject}: environment "${place.namespace}/${place.environment}" has no secret ${missing.map((name) => `"${name}"`).join(", ")}`,
    hint: `stigmer secret set ${missing[0]}${where}${option}`,
    details: { metadata: { secrets: missing.join(",") } },
  });
}

/** A sealed value, or undefined. */
export function findSealed(
  read: ReadConnection,
  place: { readonly namespace: string; readonly environment: string },
  name: string,
): Uint8Array | undefined {
  return read.get<{ readonly sealed: Uint8Array }>(
    "select sealed from secret where namespace = ? and environment = ? and name = ?",
    place.namespace,
    place.environment,
    name,
  )?.sealed;
}
