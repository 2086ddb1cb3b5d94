import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { StigmerError } from "@stigmer/api";
import type { Store } from "../store/store.ts";
import { readOrMakePrivateFile } from "./private-file.ts";
import { createVault, KEY_BYTES, type Vault } from "./vault.ts";

/** A value sealed with the first key, so that a lost or exchanged key is noticed at start and not at the first effect. */
const CHECK = { namespace: "", environment: "", name: "" };
const CHECK_VALUE = "stigmer";

/**
 * Opens the vault with the key in `auth/secret-key`, made when this home has none yet.
 *
 * @throws {StigmerError} SECRET_UNREADABLE when the database was sealed with a key that is not there
 */
export async function openVault(keyFile: string, store: Store): Promise<Vault> {
  const check = store.read.get<{ readonly sealed: Uint8Array }>(
    "select sealed from secret where namespace = '' and environment = '' and name = ''",
  );
  if (check !== undefined && !existsSync(keyFile)) {
    const message = `Cannot open the secrets: their key "${keyFile}" is missing`;
    throw new StigmerError({ reason: "SECRET_UNREADABLE", message, details: { metadata: { path: keyFile } } });
  }
  const text = readOrMakePrivateFile(keyFile, () => Buffer.from(`${randomBytes(KEY_BYTES).toString("hex")}\n`));
  const key = Buffer.from(text.toString("latin1").trim(), "hex");
  if (key.length !== KEY_BYTES) {
    const message = `Cannot open the secrets: "${keyFile}" is not a key of ${KEY_BYTES} bytes in hexadecimal`;
    throw new StigmerError({ reason: "SECRET_UNREADABLE", message });
  }
  const vault = createVault(key);
  if (check !== undefined) {
    vault.open(CHECK, check.sealed);
    return vault;
  }
  const secret = { name: "", sealed: vault.seal(CHECK, CHECK_VALUE) };
  await store.write("putSecret", { namespace: "", environment: "", secret, nowMs: Date.now() });
  return vault;
}
