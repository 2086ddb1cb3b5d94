import type { ActivationEnd, Clock, RunEffect } from "./activation-port.ts";
import type { DurableProgram } from "./durable.ts";
import type { JournalEntry } from "./entry.ts";
import type { Failure } from "./failure.ts";
import type { Json } from "./json.ts";

/** A line of an execution's event log in memory: the program's reports and the host's `execution.*`, `event.emitted`. */
export interface LogEvent {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly atMs: number;
  readonly type: string;
  readonly data: Json;
}

/** What a child call is to run. */
export interface ChildRequest {
  readonly program: string;
  readonly target: Json;
  readonly input: Json;
}

/** What a memory host needs from its surroundings. */
export interface MemoryHostOptions {
  readonly programs: Readonly<Record<string, DurableProgram>>;
  readonly runEffect: RunEffect;
  /** `VirtualClock` for virtual time, else real time with real timers. */
  readonly clock: Clock;
  /** Calls `done` when all promises that can settle have settled; in Node `(done) => setImmediate(done)`. */
  readonly settle: (done: () => void) => void;
  /** 128 random bits as 32 hexadecimal digits per execution; default: the same sequence in every host. */
  readonly seed?: () => string;
  /** The program and input of a child; default: the call's own program and input. A failure ends the child at once. */
  readonly resolveChild?: (
    request: ChildRequest,
    child: { readonly id: string; readonly startedAtMs: number },
  ) => { readonly program: string; readonly input: Json } | Failure;
  /** Kills and replays executions at random: `rate` is the chance per group of entries, 0 to 1. */
  readonly chaos?: { readonly seed: number; readonly rate: number };
  readonly wantsSnapshot?: (since: { readonly entries: number; readonly bytes: number }) => boolean;
  readonly onEvent?: (executionId: string, event: LogEvent) => void;
  readonly onToken?: (executionId: string, key: string, offset: number, text: string) => void;
}

/** One execution in memory. */
export interface MemoryExecution {
  readonly id: string;
  /** Settles when the final entry is in the journal, or the execution is suspended. */
  readonly ended: Promise<ActivationEnd>;
  readonly events: readonly LogEvent[];
  readonly journal: readonly JournalEntry[];
  /** Puts an item into the inbox. */
  send(kind: "event" | "message" | "decision", data: Json): void;
  /** Cancels it and the children it waits for. */
  cancel(): void;
  pause(): void;
  resume(): void;
  /** Kills the program and replays it from the journal, as a crash of its runner would. */
  crash(): void;
}

/** Executions without a server: for `stigmer run --local`, tests and every other place without a disk. */
export interface MemoryHost {
  start(request: { readonly program: string; readonly input: Json; readonly id?: string }): MemoryExecution;
  find(id: string): MemoryExecution | undefined;
  /** Gives a CloudEvent to every running execution, once per `source` and `id`. */
  publish(event: Json): void;
  /** Events that the executions emitted, in order. */
  readonly emitted: readonly Json[];
}
