import type { ActivationPort } from "./activation-port.ts";
import type { EntryKind, JournalMismatch } from "./entry.ts";
import type { Delivery, Recorded } from "./recorded.ts";
import type { GivenAnswer } from "./snapshot.ts";

/** What the parts of an activation (effects, timers, inbox, children) ask of it. */
export interface Core {
  readonly executionId: string;
  readonly port: ActivationPort;
  readonly recorded: Recorded;
  /** Runs `action` now, or when the replay is over: until then nothing is started, armed or appended. */
  whenLive(action: () => void): void;
  /** Appends an entry; gives its number. */
  append(kind: EntryKind, key: string, body: string): number;
  /** Puts an answer into the queue to the program. */
  arrive(kind: EntryKind, key: string, body: string, delivery: (at: { seq: number; atMs: number }) => Delivery): void;
  /** Number of the last entry that later touches of the world may depend on. */
  readonly lastFactSeq: number;
  readonly ackedSeq: number;
  /** Remembers an answer of this turn for a snapshot that may be taken in it. */
  given(answer: GivenAnswer): void;
  /** Takes an answer that a snapshot carried. */
  takeGiven(kind: GivenAnswer["kind"], key: string): GivenAnswer | undefined;
  /** Ends the activation because journal and program disagree. */
  disagree(mismatch: JournalMismatch): void;
  /** Something that ran has ended: the execution may have come to rest. */
  rest(): void;
}
