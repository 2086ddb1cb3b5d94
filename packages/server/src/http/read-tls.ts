import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { StigmerError } from "@stigmer/api";

/** Files of PEM: a certificate, with its chain behind it, and the private key. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

/** What a port speaks TLS with. */
export interface TlsMaterial {
  readonly certificate: string;
  readonly key: string;
  /** The names and addresses that the certificate is for, without wildcards; small letters. */
  readonly names: readonly string[];
}

/**
 * Reads certificate and key, and looks whether they belong together.
 *
 * @throws {StigmerError} CONFIGURATION_INVALID naming the file
 */
export function readTls(files: TlsFiles): TlsMaterial {
  const certificate = readText(files.certificate, "certificate");
  const key = readText(files.key, "key");
  const isOpen = (statSync(files.key).mode & 0o007) !== 0;
  if (isOpen) throw invalid(files.key, "everybody may read this key", `chmod 600 ${files.key}`);
  const parsed = parse(files.certificate, "it is no certificate in PEM", () => new X509Certificate(certificate));
  const privateKey = parse(files.key, "it is no private key in PEM without a passphrase", () => createPrivateKey(key));
  if (!parsed.checkPrivateKey(privateKey)) throw invalid(files.key, `it is not the key of "${files.certificate}"`);
  return { certificate, key, names: namesOf(parsed) };
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw invalid(path, `the ${what} cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
}

function parse<T>(path: string, problem: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw invalid(path, problem);
  }
}

/** Such as `DNS:host.example, IP Address:192.0.2.1`. */
function namesOf(certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? "")
    .split(", ")
    .flatMap((entry) => /^(?:DNS|IP Address):([A-Za-z0-9.:-]+)$/.exec(entry)?.[1] ?? [])
    .map((name) => name.toLowerCase());
}

function invalid(path: string, problem: string, hint?: string): StigmerError {
  const message = `Cannot use "${path}" for TLS: ${problem}`;
  return new StigmerError({ reason: "CONFIGURATION_INVALID", message, ...(hint === undefined ? {} : { hint }) });
}
