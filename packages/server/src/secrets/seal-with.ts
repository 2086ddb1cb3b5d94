import type { JournalSeal } from "../engine/journal-seal.ts";
import type { Vault } from "./vault.ts";

/** Seals entries of journals with the key of the secrets, as base64; no secret of a user has an empty namespace. */
export function sealWith(vault: Vault): JournalSeal {
  const at = (name: string) => ({ namespace: "", environment: "", name });
  return {
    seal: (text, path) => Buffer.from(vault.seal(at(path), text)).toString("base64"),
    open: (sealed, path) => vault.open(at(path), Buffer.from(sealed, "base64")),
  };
}
