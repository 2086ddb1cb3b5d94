import type { Store } from "../store/store.ts";
import { readBlob } from "./values.ts";

/** Keeps bodies of journal entries from standing in clear on the disk; a sealed text opens in its own place only. */
export interface JournalSeal {
  seal(text: string, path: string): string;
  /** @throws {Error} when the key or the place is another one, or the text was changed */
  open(sealed: string, path: string): string;
}

/** Where an entry stands. */
export interface EntryPlace {
  /** Public id. */
  readonly executionId: string;
  readonly seq: number;
}

/** No JSON text begins so: bodies in clear are told from sealed ones. */
const MARK = "sealed:";

/** The body as it is stored; without a seal it stays in clear. */
export function sealBody(seal: JournalSeal | undefined, place: EntryPlace, body: string): string {
  return seal === undefined ? body : `${MARK}${seal.seal(body, pathOf(place))}`;
}

/**
 * The body as the runner wrote it.
 *
 * @throws {Error} if it is sealed and does not open
 */
export function openBody(seal: JournalSeal | undefined, place: EntryPlace, stored: string): string {
  if (!stored.startsWith(MARK)) return stored;
  try {
    if (seal === undefined) throw new Error("there is no key");
    return seal.open(stored.slice(MARK.length), pathOf(place));
  } catch (cause) {
    const message = `Cannot read entry ${place.seq} of the journal of "${place.executionId}": it does not open with the key in auth/secret-key. Restore the key that it was sealed with, then resume the execution.`;
    throw new Error(message, { cause });
  }
}

const pathOf = ({ executionId, seq }: EntryPlace): string => `journal/${executionId}/${seq}`;

/** Whether an execution's definition may read secrets, so that its snapshots may carry some; yes when in doubt. */
export function mayReadSecrets(store: Store, no: number): boolean {
  const row = store.read.get<{ definition: string }>("select definition from execution where no = ?", no);
  const definition = row && readBlob(store, row.definition);
  return definition === undefined || new TextDecoder().decode(definition).includes("secrets");
}
