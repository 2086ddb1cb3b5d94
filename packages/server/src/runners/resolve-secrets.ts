import { StigmerError } from "@stigmer/api";
import type { Engine } from "../engine/engine.ts";
import { readText } from "../engine/values.ts";
import { findSealed } from "../executions/choose-environment.ts";
import { declaredSecrets } from "../executions/declared-secrets.ts";
import type { JsonValue } from "../resources/manifest.ts";
import { memberOf } from "../resources/references.ts";
import { secretTexts } from "../secrets/secret-texts.ts";
import type { Vault } from "../secrets/vault.ts";
import type { Store } from "../store/store.ts";

/** What secrets are resolved with. */
export interface ResolveSecretsDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly vault: Vault;
  /** Remembers a value that must never stand in a log. */
  readonly redact: (value: string) => void;
}

/** A lease, and what it wants to read. */
export interface ResolveSecretsParams {
  readonly execution: number;
  readonly epoch: number;
  readonly names: readonly string[];
}

interface LeasedRow {
  readonly id: string;
  readonly program: string;
  readonly namespace: string;
  readonly environment: string;
  readonly definition: string;
  readonly input: string | null;
  readonly input_blob: string | null;
  readonly instance: string;
}

/**
 * Values of secrets, as JSON texts by name, for a runner that holds the lease now. Only names that the pinned
 * definition declares are given; names without a value are left out.
 *
 * @throws {StigmerError} LEASE_LOST, SECRET_NOT_DECLARED, SECRET_UNREADABLE
 */
export function resolveSecrets(deps: ResolveSecretsDeps, params: ResolveSecretsParams): Record<string, string> {
  const row = leasedRow(deps, params);
  const declared = new Set(declaredOf(deps.store, row));
  const stranger = params.names.find((name) => !declared.has(name));
  if (stranger !== undefined) {
    const message = `Cannot give secret "${stranger}" to ${row.id}: its definition does not declare it`;
    throw new StigmerError({ reason: "SECRET_NOT_DECLARED", message });
  }
  const values: Record<string, string> = {};
  for (const name of params.names) {
    const sealed = findSealed(deps.store.read, row, name);
    if (sealed === undefined) continue;
    const value = deps.vault.open({ namespace: row.namespace, environment: row.environment, name }, sealed);
    for (const text of secretTexts(value)) deps.redact(text);
    values[name] = value;
  }
  return values;
}

function leasedRow(deps: ResolveSecretsDeps, params: ResolveSecretsParams): LeasedRow {
  const row = deps.store.read.get<LeasedRow>(
    "select id, program, namespace, environment, definition, input, input_blob, instance from execution where no = ?",
    params.execution,
  );
  const { execution, epoch } = params;
  if (row !== undefined && deps.engine.holdsLease({ instance: row.instance, execution, epoch })) return row;
  const message = `Cannot give secrets to execution ${execution}: nobody holds its lease of epoch ${epoch}`;
  throw new StigmerError({ reason: "LEASE_LOST", message });
}

function declaredOf(store: Store, row: LeasedRow): readonly string[] {
  const definition: JsonValue = JSON.parse(readText(store, null, row.definition));
  const input: JsonValue = JSON.parse(readText(store, row.input, row.input_blob) || "{}");
  return declaredSecrets(row.program, definition, memberOf(input, "mcpServers") ?? {});
}
