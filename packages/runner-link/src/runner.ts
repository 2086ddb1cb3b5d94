import type { LeaseFrame, RunnerFrame, ServerFrame } from "@stigmer/api";
import type { DurableProgram, EffectCall, EffectRunContext, Json } from "@stigmer/durable";
import type { Channel, OpenChannel } from "./channel.ts";
import { createEffectContext, type RunnerEffectContext } from "./effect-context.ts";
import { splitFrame } from "./frame-sizes.ts";
import { LeaseRun } from "./lease-run.ts";
import { Outbox } from "./outbox.ts";
import { readItems } from "./read-lease.ts";
import { nodeSurroundings, type Surroundings } from "./surroundings.ts";
import { TurnMeter } from "./turn-meter.ts";
import type { LeaseName } from "./unsafe-words.ts";

/** A program that a runner can carry, and the versions of its journals that it reads. */
export interface RunnerProgram {
  readonly program: DurableProgram;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** The part of a log that a runner writes. */
export interface RunnerLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What a runner is made of. */
export interface RunnerOptions {
  /** `workflow-runner` or `agent-runner`. */
  readonly component: string;
  /** One start of the process. */
  readonly instance: string;
  readonly version: string;
  /** Executions held at the same time. */
  readonly capacity: number;
  readonly openChannel: OpenChannel;
  readonly programs: Readonly<Record<string, RunnerProgram>>;
  /** @throws {DurableFailure} with what goes into the journal */
  readonly runEffect: (call: EffectCall, context: RunnerEffectContext) => Promise<Json>;
  readonly resolveSecrets: (lease: LeaseName, names: readonly string[]) => Promise<Readonly<Record<string, Json>>>;
  readonly log: RunnerLog;
  /** The execution is over, parked or given back: what belongs to it in this process can go. */
  readonly onForget?: (executionId: string) => void;
  /** CPU that one turn of a program may use, ms; default 1,000. */
  readonly turnBudgetMs?: number;
  /** Real time and chance when absent. */
  readonly surroundings?: Surroundings;
}

/** The runner's side of the engine. */
export interface Runner {
  /** Connects, and again whenever the stream is lost. */
  start(): void;
  /** Resolves when the server has greeted for the first time. */
  readonly ready: Promise<void>;
  /** Executions that are held now. */
  readonly heldCount: number;
  /**
   * Takes no more work, gives running effects `graceMs` (default 5,000), gives everything back and disconnects. Ends at
   * once when nothing runs. A second call may shorten the grace, never lengthen it.
   */
  stop(graceMs?: number): Promise<void>;
}

/** Reports that no entry follows leave after this time, ms. */
const REPORT_DELAY_MS = 200;
const FIRST_BACKOFF_MS = 20;
/** Well below the grace in which a server that started again waits for its runners. */
const LAST_BACKOFF_MS = 100;
/** A server that stays away is named this often, ms. */
const COMPLAINT_MS = 10_000;

/** Makes a runner; it does nothing before `start`. */
export function createRunner(options: RunnerOptions): Runner {
  return new LinkedRunner(options);
}

class LinkedRunner implements Runner {
  readonly ready: Promise<void>;
  readonly #options: RunnerOptions;
  readonly #surroundings: Surroundings;
  readonly #outbox: Outbox;
  readonly #meter: TurnMeter;
  readonly #runs = new Map<bigint, LeaseRun>();
  readonly #reporting = new Set<LeaseRun>();
  readonly #onReady: () => void;
  #isFlushArmed = false;
  /** Programs that run in this turn. */
  #settling = 0;
  #channel: Channel | undefined;
  #backoffMs = FIRST_BACKOFF_MS;
  #complainedAtMs = Number.NEGATIVE_INFINITY;
  #phase: "new" | "serving" | "stopping" | "stopped" = "new";
  /** Ends the wait for running effects. */
  readonly #waited = Promise.withResolvers<void>();
  #graceEndsAtMs = Number.POSITIVE_INFINITY;
  #disarmGrace: (() => void) | undefined;
  #stopped: Promise<void> | undefined;
  /** Leases that came while it stops; they go back at the end, so that the server does not send them again. */
  readonly #unwanted: LeaseName[] = [];

  constructor(options: RunnerOptions) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#onReady = resolve;
    this.#options = options;
    const surroundings = options.surroundings ?? nodeSurroundings;
    this.#surroundings = { ...surroundings, settle: (done) => this.#settle(surroundings, done) };
    this.#outbox = new Outbox({
      endOfTurn: surroundings.endOfTurn,
      isSettling: () => this.#settling > 0,
      send: (frame) => this.#send(frame),
    });
    this.#meter = new TurnMeter(surroundings, options.turnBudgetMs ?? 1000);
  }

  get heldCount(): number {
    return this.#runs.size;
  }

  start(): void {
    if (this.#phase !== "new") return;
    this.#phase = "serving";
    this.#connect();
  }

  stop(graceMs = 5000): Promise<void> {
    this.#limitGrace(graceMs);
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    this.#phase = "stopping";
    for (const run of this.#runs.values()) run.hold();
    for (const run of [...this.#runs.values()]) if (run.isIdle) run.release("", "the runner stops");
    if (this.#runs.size > 0) {
      this.#options.log.info("waits for running effects", { held: this.#runs.size });
      await this.#waited.promise;
    }
    this.#disarmGrace?.();
    for (const run of [...this.#runs.values()]) run.release("", "the runner stopped before the effect ended");
    for (const name of this.#unwanted) this.#outbox.release({ ...name, reason: "", message: "the runner stops" });
    this.#phase = "stopped";
    this.#outbox.flush();
    await this.#channel?.close();
  }

  #settle(surroundings: Surroundings, done: () => void): void {
    this.#settling++;
    surroundings.settle(() => {
      this.#settling--;
      done();
    });
  }

  #limitGrace(graceMs: number): void {
    const endsAtMs = this.#surroundings.now() + graceMs;
    if (endsAtMs >= this.#graceEndsAtMs || this.#phase === "stopped") return;
    this.#disarmGrace?.();
    this.#graceEndsAtMs = endsAtMs;
    this.#disarmGrace = this.#surroundings.setTimer(endsAtMs, () => this.#waited.resolve());
  }

  #connect(): void {
    let isGreeted = false;
    this.#outbox.clear();
    const channel = this.#options.openChannel({
      onFrame: (frame) => {
        if (this.#channel !== channel) return;
        if (!isGreeted) this.#greeted();
        isGreeted = true;
        this.#receive(frame);
      },
      onClose: (error) => {
        if (this.#channel === channel) this.#disconnected(error);
      },
    });
    this.#channel = channel;
    this.#send(this.#firstFrame());
  }

  #send(frame: RunnerFrame): void {
    for (const piece of splitFrame(frame)) this.#channel?.send(piece);
  }

  /** Hello, and everything that the last stream may have lost. */
  #firstFrame(): RunnerFrame {
    const { component, instance, version, capacity, programs } = this.#options;
    const runs = [...this.#runs.values()];
    const words = runs.map((run) => run.resend());
    return {
      hello: {
        component,
        instance,
        version,
        capacity,
        programs: Object.entries(programs).map(([name, { minVersion, maxVersion }]) => ({
          name,
          minVersion,
          maxVersion,
        })),
        held: runs.map((run) => run.name),
      },
      entries: words.flatMap(({ entries }) => entries),
      events: words.flatMap(({ events }) => events),
      parks: words.flatMap(({ parks }) => parks),
    };
  }

  #greeted(): void {
    this.#backoffMs = FIRST_BACKOFF_MS;
    this.#complainedAtMs = Number.NEGATIVE_INFINITY;
    this.#onReady();
    this.#options.log.info("connected to the server", { held: this.#runs.size });
  }

  /** Effects go on; what they give waits for the next stream. */
  #disconnected(error: unknown): void {
    this.#channel = undefined;
    if (this.#phase === "stopped") return;
    const delayMs = Math.ceil(this.#backoffMs * (0.5 + this.#surroundings.random() / 2));
    this.#complain(error);
    this.#backoffMs = Math.min(this.#backoffMs * 2, LAST_BACKOFF_MS);
    this.#surroundings.setTimer(this.#surroundings.now() + delayMs, () => {
      if (this.#phase !== "stopped") this.#connect();
    });
  }

  #complain(error: unknown): void {
    const now = this.#surroundings.now();
    if (now - this.#complainedAtMs < COMPLAINT_MS) return;
    this.#complainedAtMs = now;
    const message = error instanceof Error ? error.message : undefined;
    this.#options.log.warn("no stream to the server, trying again", { error: message, held: this.#runs.size });
  }

  #receive(frame: ServerFrame): void {
    for (const { execution, epoch } of frame.refused ?? []) {
      const run = this.#runs.get(execution ?? 0n);
      if (run !== undefined && run.name.epoch === epoch) this.#forget(run);
    }
    for (const { execution, seq, parked } of frame.acks ?? []) {
      const run = this.#runs.get(execution ?? 0n);
      run?.acknowledge(Number(seq ?? 0));
      if (parked) run?.parked();
    }
    for (const { execution, items } of frame.deliveries ?? []) {
      this.#runs.get(execution ?? 0n)?.deliver(readItems(items ?? []));
    }
    for (const lease of frame.leases ?? []) this.#begin(lease);
    if (frame.drain) this.#options.log.info("the server drains", { held: this.#runs.size });
  }

  #begin(lease: LeaseFrame): void {
    const name = { execution: BigInt(lease.execution ?? 0), epoch: lease.epoch ?? 0 };
    const old = this.#runs.get(name.execution);
    if (old !== undefined) this.#forget(old);
    if (this.#phase !== "serving") {
      this.#unwanted.push(name);
      return;
    }
    const run = this.#createRun(lease, name);
    if (run === undefined) return;
    this.#runs.set(name.execution, run);
    run.begin();
  }

  /** A lease that cannot be read goes back with the reason: another version may be able to. */
  #createRun(lease: LeaseFrame, name: LeaseName): LeaseRun | undefined {
    const program = this.#options.programs[lease.program ?? ""];
    const refuse = (reason: string, message: string): undefined => {
      this.#outbox.release({ ...name, reason, message });
      return undefined;
    };
    if (program === undefined)
      return refuse("PROGRAM_VERSION_UNKNOWN", `this runner has no program "${lease.program}"`);
    const version = lease.programVersion ?? 0;
    if (version < program.minVersion || version > program.maxVersion) {
      const known = `versions ${program.minVersion} to ${program.maxVersion}`;
      return refuse(
        "PROGRAM_VERSION_UNKNOWN",
        `the journal was begun by version ${version} of program "${lease.program}"; this runner reads ${known}`,
      );
    }
    try {
      return new LeaseRun(lease, {
        program: program.program,
        surroundings: this.#surroundings,
        outbox: this.#outbox,
        meter: this.#meter,
        runEffect: (run, call, context) => this.#runEffect(run, call, context),
        onReport: (run) => this.#flushLater(run),
        onOver: (run) => this.#forget(run),
        onIdle: (run) => {
          if (this.#phase === "stopping") run.release("", "the runner stops");
        },
      });
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return refuse("JOURNAL_MISMATCH", `Cannot read the lease of "${lease.executionId}": ${error.message}`);
    }
  }

  async #runEffect(run: LeaseRun, call: EffectCall, context: EffectRunContext): Promise<Json> {
    const { namespace, programInput } = run;
    const resolveSecrets = (names: readonly string[]) => this.#options.resolveSecrets(run.name, names);
    return this.#options.runEffect(call, createEffectContext(context, { namespace, programInput, resolveSecrets }));
  }

  #forget(run: LeaseRun): void {
    run.drop();
    this.#reporting.delete(run);
    if (this.#runs.get(run.name.execution) === run) this.#runs.delete(run.name.execution);
    this.#options.onForget?.(run.executionId);
    if (this.#runs.size === 0 && this.#phase === "stopping") this.#waited.resolve();
  }

  /** One timer for all reports that wait for an entry. */
  #flushLater(run: LeaseRun): void {
    this.#reporting.add(run);
    if (this.#isFlushArmed) return;
    this.#isFlushArmed = true;
    this.#surroundings.setTimer(this.#surroundings.now() + REPORT_DELAY_MS, () => {
      this.#isFlushArmed = false;
      const batches = [...this.#reporting].flatMap((one) => one.takeBatch() ?? []);
      this.#reporting.clear();
      if (batches.length > 0) this.#outbox.events(batches);
    });
  }
}
