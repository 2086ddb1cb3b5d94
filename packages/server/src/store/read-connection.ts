import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SqlValue } from "./write-connection.ts";

/** Reads of the main thread: what is on disk, in a connection that cannot write. */
export class ReadConnection {
  readonly raw: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(raw: DatabaseSync) {
    this.raw = raw;
  }

  /**
   * The prepared statement of this text, prepared once. Values are always parameters. Never hold its iterator across
   * an await: an open reader lets the log grow without end.
   */
  prepare(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.raw.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** The first row, or undefined. */
  get<T>(text: string, ...values: readonly SqlValue[]): T | undefined {
    return this.prepare(text).get(...values) as T | undefined;
  }

  /** All rows. */
  all<T>(text: string, ...values: readonly SqlValue[]): T[] {
    return this.prepare(text).all(...values) as T[];
  }

  /**
   * Runs several reads on one state of the disk. Each read by itself takes and gives back the locks of the log and
   * forgets the pages it knew, which costs more than the reading.
   */
  together<T>(reads: () => T): T {
    if (this.raw.isTransaction) return reads();
    this.prepare("begin").run();
    try {
      return reads();
    } finally {
      this.prepare("commit").run();
    }
  }
}
