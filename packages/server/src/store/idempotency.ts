import type { WriteConnection } from "./write-connection.ts";

/** A key that a client gave to a call that changes something. */
export interface IdempotencyKey {
  readonly namespace: string;
  /** Such as `StartExecution`. */
  readonly method: string;
  readonly key: string;
  /** Digest of the request without the key. */
  readonly digest: string;
}

/** First: nothing known, go on. Repeated: the first answer as it was stored. Reused: the key belongs to another request. */
export type KeyState =
  | { readonly kind: "first" }
  | { readonly kind: "repeated"; readonly answer: string }
  | { readonly kind: "reused" };

/** What is known of a key. Call it inside the command that changes something, and `keepAnswer` in the same command. */
export function findAnswer(db: WriteConnection, key: IdempotencyKey): KeyState {
  const row = db.get<{ digest: string; answer: string }>(
    "select digest, answer from idempotency where namespace = ? and method = ? and key = ?",
    key.namespace,
    key.method,
    key.key,
  );
  if (!row) return { kind: "first" };
  return row.digest === key.digest ? { kind: "repeated", answer: row.answer } : { kind: "reused" };
}

/** What `keepAnswer` stores. */
export interface KeepAnswerParams {
  readonly key: IdempotencyKey;
  /** JSON text of the answer. */
  readonly answer: string;
  /** The key is kept as long as this execution. */
  readonly execution?: number;
  readonly nowMs: number;
}

/** Keeps the first answer, at least seven days. */
export function keepAnswer(db: WriteConnection, { key, answer, execution, nowMs }: KeepAnswerParams): void {
  db.run(
    "insert into idempotency(namespace, method, key, digest, answer, execution, at) values (?,?,?,?,?,?,?)",
    key.namespace,
    key.method,
    key.key,
    key.digest,
    answer,
    execution ?? null,
    nowMs,
  );
}
