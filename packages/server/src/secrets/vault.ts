import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { StigmerError } from "@stigmer/api";

/** Where a secret belongs; a sealed value opens only there. */
export interface SecretPath {
  readonly namespace: string;
  readonly environment: string;
  readonly name: string;
}

/** Seals values, and opens them again in their own place only. */
export interface Vault {
  seal(path: SecretPath, value: string): Uint8Array;
  /** @throws {StigmerError} SECRET_UNREADABLE when the key or the place is another one, or the value was changed */
  open(path: SecretPath, sealed: Uint8Array): string;
}

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Length of the key, bytes. */
export const KEY_BYTES = 32;

/**
 * AES-256-GCM with the path as additional data. A sealed value is `format byte | 12-byte nonce | 16-byte tag | ciphertext`.
 *
 * @param key 32 bytes
 */
export function createVault(key: Uint8Array): Vault {
  return {
    seal(path, value) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(pathBytes(path));
      const body = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), body]);
    },
    open(path, sealed) {
      try {
        return openSealed(key, path, Buffer.from(sealed));
      } catch (error) {
        const subject = `${path.namespace}/${path.environment}/${path.name}`;
        const message = `Cannot read secret "${subject}": it does not open with the key in auth/secret-key`;
        throw new StigmerError({ reason: "SECRET_UNREADABLE", message, cause: error });
      }
    },
  };
}

function openSealed(key: Uint8Array, path: SecretPath, sealed: Buffer): string {
  if (sealed[0] !== FORMAT || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) throw new RangeError("unknown format");
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(pathBytes(path)).setAuthTag(tag);
  const body = sealed.subarray(1 + NONCE_BYTES + TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
}

/** The path as text that no two paths share. */
function pathBytes(path: SecretPath): Buffer {
  return Buffer.from(JSON.stringify(["secret", path.namespace, path.environment, path.name]));
}
