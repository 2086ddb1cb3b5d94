import { randomBytes } from "node:crypto";
import { idFromBytes, StigmerError } from "@stigmer/api";
import { startBody } from "@stigmer/durable";
import type { DecideResult } from "../store/commands-decisions.ts";
import type { ControlOutcome } from "../store/engine/control.ts";
import type { PublishEventResult } from "../store/engine/publish.ts";
import type { Store } from "../store/store.ts";
import { type Clock, systemClock } from "./clock.ts";
import { publishedEvent } from "./cloud-event.ts";
import type {
  CallKey,
  CancelParams,
  DecideParams,
  DeliverParams,
  EngineOptions,
  EngineStats,
  PublishParams,
  StartParams,
  StartScheduledParams,
  WishParams,
} from "./engine-door.ts";
import { newExecution } from "./execution-spec.ts";
import { type ExecutionView, readExecution } from "./execution-views.ts";
import { DEFAULT_LIMITS, type EngineLimits } from "./limits.ts";
import { recover } from "./recover.ts";
import type { RunnerChannel } from "./runner-session.ts";
import { Scheduler } from "./scheduler.ts";
import { type AttachedRunner, Sessions } from "./sessions.ts";
import { Timers } from "./timers.ts";
import { TokenPlane } from "./token-plane.ts";
import { ValueClaims } from "./values.ts";
import { Watchers, type WatchParams, type WatchUpdate } from "./watchers.ts";

/** Starts the engine over a store: queues what was ready, waits a moment for runners that still hold something. */
export function createEngine(options: EngineOptions): Engine {
  return new Engine(options);
}

/**
 * Keeps executions alive: starts them, hands them to runners, takes in what runners write, wakes what waits. Everything
 * that it answers or sends is on disk before.
 */
export class Engine {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #random: (size: number) => Uint8Array;
  readonly #limits: EngineLimits;
  readonly #scheduler: Scheduler;
  readonly #sessions: Sessions;
  readonly #timers: Timers;
  readonly #watchers: Watchers;
  readonly #tokens: TokenPlane;
  #isStopping = false;
  #starting = 0;

  constructor(options: EngineOptions) {
    this.#store = options.store;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? ((size) => randomBytes(size));
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#watchers = new Watchers(options.store, this.#clock);
    this.#tokens = new TokenPlane((no) => this.#watchers.ring(no));
    this.#scheduler = new Scheduler({
      store: options.store,
      clock: this.#clock,
      limits: this.#limits,
      resolve: options.resolveDefinition,
      seed: () => this.#seed(),
      ...(options.seal ? { seal: options.seal } : {}),
      onDue: (atMs) => this.#timers.arm(atMs),
      onTouched: (nos) => this.#touched(nos),
      onEnded: (no) => this.#watchers.ended(no),
      onForgotten: (no) => this.#tokens.drop(no),
    });
    this.#sessions = new Sessions(this.#scheduler, this.#tokens);
    this.#timers = new Timers(this.#scheduler);
    options.store.afterGroup(() => this.#sessions.flush());
    recover(this.#scheduler);
    this.#timers.recover();
  }

  /** A public id for an execution of this program. */
  newId(program: string): string {
    return idFromBytes(program === "agent" ? "aex_" : "wex_", this.#clock.now(), this.#random(10));
  }

  /**
   * Starts an execution; resolves when it is on disk. The same key and request give the first execution again.
   *
   * @throws {StigmerError} IDEMPOTENCY_KEY_REUSED, OVERLOADED, SERVER_STOPPING
   */
  async start(params: StartParams): Promise<ExecutionView> {
    return this.#view(await this.#admit(() => this.#start(params)));
  }

  /** Starts what a schedule owes; undefined when it owes that no more. Errors as `start`. */
  startScheduled({ spec, resource, claim }: StartScheduledParams): Promise<string | undefined> {
    return this.#admit(async () => {
      const claims = new ValueClaims();
      const named = { id: this.newId(spec.program), startBody: startBody(this.#seed()), depth: 0, claims };
      const execution = newExecution(spec, named);
      const result = await this.#scheduler.act(
        "startScheduled",
        (base) => ({ ...base, resource, claim, execution }),
        claims,
      );
      return result.kind === "started" || result.kind === "repeated" ? result.id : undefined;
    });
  }

  async #admit<T>(start: () => Promise<T>): Promise<T> {
    if (this.#isStopping)
      throw new StigmerError({
        reason: "SERVER_STOPPING",
        message: "Cannot start an execution: the server is stopping.",
      });
    if (this.#scheduler.backlog + this.#starting >= this.#limits.maxBacklog) throw overloaded(this.#limits.maxBacklog);
    this.#starting++;
    try {
      return await start();
    } finally {
      this.#starting--;
    }
  }

  async #start({ spec, idempotency, id = this.newId(spec.program) }: StartParams): Promise<string> {
    const claims = new ValueClaims();
    const execution = newExecution(spec, { id, startBody: startBody(this.#seed()), depth: 0, claims });
    const key = idempotency && { ...idempotency, namespace: spec.namespace, method: "StartExecution" };
    const result = await this.#scheduler.act(
      "startExecution",
      (base) => ({ ...base, execution, ...(key ? { idempotency: key } : {}) }),
      claims,
    );
    if (result.kind === "reused") throw keyReused(key?.key ?? "");
    return result.id;
  }

  /** The execution as it stands on disk; undefined when there is none. */
  get(id: string): ExecutionView | undefined {
    return readExecution(this.#store, id);
  }

  /** A snapshot, then events from any number on, without gap or duplicate; ends with a snapshot of the final phase. */
  watch(id: string, params: WatchParams = {}): AsyncGenerator<WatchUpdate, void, undefined> {
    return this.#watchers.watch(id, params, this.#tokens);
  }

  /**
   * Cancels an execution; a second time changes nothing, except that `force` ends at once what is still ending.
   *
   * @throws {StigmerError} EXECUTION_NOT_FOUND, EXECUTION_FINISHED (not by a second cancel), IDEMPOTENCY_KEY_REUSED
   */
  async cancel({ reason, mode, ...wish }: CancelParams): Promise<ExecutionView> {
    const result = await this.#scheduler.act("cancelExecution", (base) => ({
      ...base,
      ...this.#wish(wish, "CancelExecution"),
      ...(reason ? { reason } : {}),
      ...(mode === "force" ? { force: mode } : {}),
    }));
    return this.#granted("cancel", wish, result.outcome);
  }

  /** Lets what runs finish and begins nothing new. Errors as `cancel`. */
  async pause(wish: WishParams): Promise<ExecutionView> {
    const result = await this.#scheduler.act("pauseExecution", (base) => ({
      ...base,
      ...this.#wish(wish, "PauseExecution"),
    }));
    return this.#granted("pause", wish, result.outcome);
  }

  /** Lets a paused or suspended execution go on. Errors as `cancel`. */
  async resume(wish: WishParams): Promise<ExecutionView> {
    const result = await this.#scheduler.act("resumeExecution", (base) => ({
      ...base,
      ...this.#wish(wish, "ResumeExecution"),
    }));
    return this.#granted("resume", wish, result.outcome);
  }

  /** Puts a message or a decision into the inbox of one execution. Errors as `cancel`. */
  async deliver({ kind, data, dedupe, ...wish }: DeliverParams): Promise<ExecutionView> {
    const claims = new ValueClaims();
    const value = claims.value(JSON.stringify(data));
    const result = await this.#scheduler.act(
      "deliverItem",
      (base) => ({
        ...base,
        ...this.#wish(wish, "DeliverItem"),
        kind,
        data: value,
        ...(dedupe === undefined ? {} : { dedupe }),
      }),
      claims,
    );
    return this.#granted("deliver to", wish, result.outcome);
  }

  /** Takes the first answer to a question of an execution, and no other. */
  async decide({ id, task, digest, item }: DecideParams): Promise<DecideResult["outcome"]> {
    const claims = new ValueClaims();
    const value = claims.value(JSON.stringify(item));
    const params = { id, task, digest, item: value };
    const { outcome } = await this.#scheduler.act("decide", (base) => ({ ...base, ...params }), claims);
    return outcome;
  }

  /**
   * Publishes a structured CloudEvent to every execution that listens for it.
   *
   * @throws {StigmerError} INVALID_EVENT when id, source or type is missing
   */
  async publish({ event }: PublishParams): Promise<PublishEventResult> {
    const claims = new ValueClaims();
    const published = publishedEvent(event, claims);
    if (!published) throw invalidEvent();
    const { accepted, delivered } = await this.#scheduler.act(
      "publishEvent",
      (base) => ({ ...base, event: published }),
      claims,
    );
    return { accepted, delivered };
  }

  /** Takes a runner's stream; call `closed` when it ends. */
  attachRunner(channel: RunnerChannel): AttachedRunner {
    return this.#sessions.attach(channel);
  }

  /** The supervisor's word that a runner's process is gone; `lastLines` go into the reason of a suspension. */
  runnerGone(instance: string, lastLines = "the runner's process ended"): void {
    this.#sessions.gone(instance, lastLines);
  }

  /** Whether this runner holds this lease, for `ResolveSecrets`. */
  holdsLease(lease: { readonly instance: string; readonly execution: number; readonly epoch: number }): boolean {
    const live = this.#scheduler.lives.get(lease.execution);
    return live !== undefined && !live.isQueued && live.instance === lease.instance && live.epoch === lease.epoch;
  }

  stats(): EngineStats {
    const rows = this.#store.read.all<{ phase: number; count: number }>(
      "select phase, count(*) as count from execution group by phase",
    );
    const { groups, commands } = this.#store.stats();
    return {
      runners: [...this.#scheduler.sessions].map(({ component, instance, version, capacity, held, connectedAtMs }) => ({
        component,
        instance,
        version,
        capacity,
        held: held.size,
        connectedAtMs,
      })),
      phases: Object.fromEntries(rows.map(({ phase, count }) => [phase, count])),
      backlog: this.#scheduler.backlog,
      leased: [...this.#scheduler.lives.values()].filter((live) => !live.isQueued).length,
      watchers: this.#watchers.count,
      commits: groups,
      commands,
    };
  }

  /**
   * Stops: no new work goes out. Resolves when nothing is held, or after `deadlineMs` (default 2 s): running effects go
   * on, and their runner reclaims what it holds at the next start.
   */
  async stop(deadlineMs = 2_000): Promise<void> {
    this.#isStopping = true;
    this.#timers.stop();
    await this.#scheduler.drain(deadlineMs);
    await this.#store.idle();
  }

  #seed(): string {
    return Buffer.from(this.#random(16)).toString("hex");
  }

  #touched(nos: readonly number[]): void {
    for (const no of nos) this.#watchers.ring(no);
  }

  #wish(
    { id, idempotency }: WishParams,
    method: string,
  ): { id: string; idempotency?: CallKey & { namespace: string; method: string } } {
    return { id, ...(idempotency ? { idempotency: { ...idempotency, namespace: "", method } } : {}) };
  }

  #view(id: string): ExecutionView {
    const found = readExecution(this.#store, id);
    if (!found) throw notFound("read", id);
    return found;
  }

  #granted(action: string, { id, idempotency }: WishParams, outcome: ControlOutcome): ExecutionView {
    if (outcome === "missing") throw notFound(action, id);
    if (outcome === "reused") throw keyReused(idempotency?.key ?? "");
    const found = this.#view(id);
    if (outcome === "final" && action !== "cancel") {
      throw new StigmerError({
        reason: "EXECUTION_FINISHED",
        message: `Cannot ${action} execution "${id}": it has ended.`,
      });
    }
    return found;
  }
}

function notFound(action: string, id: string): StigmerError {
  return new StigmerError({
    reason: "EXECUTION_NOT_FOUND",
    message: `Cannot ${action} execution "${id}": there is none with this id.`,
  });
}

function keyReused(key: string): StigmerError {
  return new StigmerError({
    reason: "IDEMPOTENCY_KEY_REUSED",
    message: `Cannot use the idempotency key "${key}": it belongs to another request.`,
  });
}

function overloaded(limit: number): StigmerError {
  return new StigmerError({
    reason: "OVERLOADED",
    message: `Cannot start an execution: ${limit} already wait for a runner.`,
  });
}

function invalidEvent(): StigmerError {
  return new StigmerError({
    reason: "INVALID_EVENT",
    message: "Cannot publish the event: its id, source and type must be texts that are not empty.",
  });
}
