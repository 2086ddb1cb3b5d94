import { DEFAULT_ENVIRONMENT, DEFAULT_NAMESPACE, StigmerError } from "@stigmer/api";
import { digestOf } from "../resources/request-digest.ts";
import { findNewest } from "../resources/resource-rows.ts";
import type { Store } from "../store/store.ts";
import { secretTexts } from "./secret-texts.ts";
import type { Vault } from "./vault.ts";

/** What secrets are kept with. */
export interface SecretDeps {
  readonly store: Store;
  readonly vault: Vault;
  /** Remembers a value that must never stand in a log. */
  readonly redact: (value: string) => void;
  readonly nowMs: () => number;
}

/** Names an environment; empty parts mean `default`. */
export interface EnvironmentRef {
  readonly namespace: string;
  readonly environment: string;
}

/** Name of a secret and when it was written. */
export interface SecretName {
  readonly name: string;
  readonly updated_at: number;
}

/**
 * Writes one secret; the environment is made when it is absent.
 *
 * @param value JSON text
 * @throws {StigmerError} INVALID_REQUEST when the value is no JSON
 */
export async function setSecret(deps: SecretDeps, ref: EnvironmentRef, name: string, value: string): Promise<void> {
  const { namespace, environment } = complete(ref);
  checkJson(name, value);
  for (const text of secretTexts(value)) deps.redact(text);
  await ensureEnvironment(deps, namespace, environment);
  const sealed = deps.vault.seal({ namespace, environment, name }, value);
  await deps.store.write("putSecret", { namespace, environment, secret: { name, sealed }, nowMs: deps.nowMs() });
}

/** @throws {StigmerError} SECRET_NOT_FOUND */
export async function deleteSecret(deps: SecretDeps, ref: EnvironmentRef, name: string): Promise<void> {
  const { namespace, environment } = complete(ref);
  if (await deps.store.write("deleteSecret", { namespace, environment, name })) return;
  const message = `Cannot delete secret "${name}" of environment "${namespace}/${environment}": it does not exist`;
  throw new StigmerError({ reason: "SECRET_NOT_FOUND", message });
}

/** Names only, in their order. */
export function listSecrets(store: Store, ref: EnvironmentRef): readonly SecretName[] {
  const { namespace, environment } = complete(ref);
  return store.read.all<SecretName>(
    "select name, updated_at from secret where namespace = ? and environment = ? order by name",
    namespace,
    environment,
  );
}

function complete(ref: EnvironmentRef): EnvironmentRef {
  return {
    namespace: ref.namespace === "" ? DEFAULT_NAMESPACE : ref.namespace,
    environment: ref.environment === "" ? DEFAULT_ENVIRONMENT : ref.environment,
  };
}

function checkJson(name: string, value: string): void {
  try {
    JSON.parse(value);
  } catch {
    const message = `Cannot store secret "${name}": its value is no JSON text`;
    throw new StigmerError({ reason: "INVALID_REQUEST", message, hint: 'quote a plain string: "value"' });
  }
}

async function ensureEnvironment(deps: SecretDeps, namespace: string, name: string): Promise<void> {
  if (findNewest(deps.store.read, { kind: "Environment", namespace, name }) !== undefined) return;
  const definition = "{}";
  await deps.store.write("applyResource", {
    kind: "Environment",
    namespace,
    name,
    digest: digestOf(definition),
    version: "",
    labels: "{}",
    annotations: "{}",
    definition,
    source: `${JSON.stringify({ apiVersion: "stigmer.ai/v1", kind: "Environment", metadata: { namespace, name }, spec: {} })}\n`,
    references: [],
    secrets: [],
    searchText: "",
    etag: "",
    nowMs: deps.nowMs(),
  });
}
