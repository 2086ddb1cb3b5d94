import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A value that SQLite stores; booleans go as 0 and 1, JSON as its text. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/** A row as commands read it. */
export type Row = Record<string, SqlValue>;

/**
 * What a command sees of the database: prepared statements inside the transaction of its group.
 * Statements are prepared once per text, so texts are constant and values always parameters.
 */
export class WriteConnection {
  readonly raw: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #unlinked: string[] = [];

  constructor(raw: DatabaseSync) {
    this.raw = raw;
  }

  /** The prepared statement of this text. Never string-build the text from data. */
  sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.raw.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** The first row, or undefined. */
  get<T = Row>(text: string, ...values: readonly SqlValue[]): T | undefined {
    return this.sql(text).get(...values) as T | undefined;
  }

  /** All rows. */
  all<T = Row>(text: string, ...values: readonly SqlValue[]): T[] {
    return this.sql(text).all(...values) as T[];
  }

  /** Changes rows; returns how many. */
  run(text: string, ...values: readonly SqlValue[]): number {
    return Number(this.sql(text).run(...values).changes);
  }

  /** Inserts a row; returns its rowid. */
  insert(text: string, ...values: readonly SqlValue[]): number {
    return Number(this.sql(text).run(...values).lastInsertRowid);
  }

  /** The file of this blob goes once the group is on disk, unless a row names it again by then. */
  unlinkBlobFile(digest: string): void {
    this.#unlinked.push(digest);
  }

  /** What `unlinkBlobFile` collected since the last call. */
  takeUnlinked(): readonly string[] {
    const taken = this.#unlinked;
    this.#unlinked = [];
    return taken;
  }
}
