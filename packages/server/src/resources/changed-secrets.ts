import { isStigmerError } from "@stigmer/api";
import type { Vault } from "../secrets/vault.ts";
import type { SealedSecret } from "../store/commands-resources.ts";
import type { Store } from "../store/store.ts";
import type { JsonValue } from "./manifest.ts";

/** Values of one environment, by name. */
export interface ChangedSecretsParams {
  readonly namespace: string;
  readonly environment: string;
  readonly values: Readonly<Record<string, JsonValue>>;
}

/** Seals the values that differ from what is stored, so that applying the same document again changes nothing. */
export function changedSecrets(
  deps: { readonly store: Store; readonly vault: Vault },
  params: ChangedSecretsParams,
): readonly SealedSecret[] {
  return Object.entries(params.values).flatMap(([name, value]) => {
    const path = { namespace: params.namespace, environment: params.environment, name };
    const text = JSON.stringify(value);
    return openStored(deps, path) === text ? [] : [{ name, sealed: deps.vault.seal(path, text) }];
  });
}

function openStored(
  deps: { readonly store: Store; readonly vault: Vault },
  path: { readonly namespace: string; readonly environment: string; readonly name: string },
): string | undefined {
  const row = deps.store.read.get<{ readonly sealed: Uint8Array }>(
    "select sealed from secret where namespace = ? and environment = ? and name = ?",
    path.namespace,
    path.environment,
    path.name,
  );
  if (row === undefined) return undefined;
  try {
    return deps.vault.open(path, row.sealed);
  } catch (error) {
    // A value that no longer opens is one that must be written anew.
    if (isStigmerError(error, "SECRET_UNREADABLE")) return undefined;
    throw error;
  }
}
