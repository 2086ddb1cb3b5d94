import type { DatabaseSync } from "node:sqlite";

/** A step of the schema. Ids sort in the order they run; a released step never changes. */
export interface Migration {
  /** Four digits and a word, such as `0001-engine`. */
  readonly id: string;
  /** Runs inside a transaction. */
  readonly up: (db: DatabaseSync) => void;
}
