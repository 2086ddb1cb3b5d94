import { createHash } from "node:crypto";
import { isStigmerError } from "@stigmer/api";
import { DurableFailure } from "@stigmer/durable";
import type { Channel, ChannelListener, RunnerOptions } from "@stigmer/runner-link";
import { createEngine, type Engine, type ExecutionSpec, type MemoryDatabase, type ServerFrame } from "@stigmer/server";
import { assertEnd } from "./assert-end.ts";
import { Model, Violation } from "./model.ts";
import { EVENT_TYPES, listenedTypes, randomSteps, type Step } from "./program.ts";
import { SeededChance } from "./random.ts";
import { SimDisk } from "./sim-disk.ts";
import { type SimRunner, startSimRunner } from "./sim-runner.ts";
import { HONEST_WIRE, SimStream, type Wire } from "./sim-stream.ts";
import { Timeline } from "./timeline.ts";

/** How a world may be spoiled on purpose. */
export interface WorldFaults {
  /** Makes the wire of a stream. */
  readonly wire?: () => Wire;
}

/** What a finished world tells. */
export interface WorldReport {
  readonly executions: number;
  readonly touches: number;
  readonly kills: number;
}

interface Runner {
  readonly process: SimRunner | undefined;
  stream: SimStream | undefined;
}

interface Server {
  readonly engine: Engine;
  crash(): void;
}

/** Wall clock of a world that begins. */
const EPOCH_MS = 1_700_000_000_000;

/** Trouble ends and the world is left to come to rest, virtual ms. */
const TROUBLE_MS = 4_000;

/** Everything must have ended by then, virtual ms. */
const LIMIT_MS = 40_000;

/** One world from a seed: clients, a server on a disk, runners on streams, and trouble. */
export class World {
  readonly model = new Model();
  readonly timeline: Timeline;
  readonly #chance: SeededChance;
  readonly #database: MemoryDatabase;
  readonly #disk: SimDisk;
  readonly #faults: WorldFaults;
  readonly #runners: Runner[] = [];
  readonly #wanted = new Map<string, string>();
  readonly #cancelled = new Set<string>();
  #server: Server | undefined;
  #wallOffsetMs = 0;
  #instances = 0;
  #eventIds = 0;
  #starts = 0;
  #kills = 0;
  #broken: unknown;

  constructor(seed: number, database: MemoryDatabase, faults: WorldFaults = {}) {
    this.#chance = new SeededChance(seed);
    this.#database = database;
    this.#faults = faults;
    this.timeline = new Timeline(this.#chance);
    this.#disk = new SimDisk({
      database,
      timeline: this.timeline,
      chance: this.#chance,
      onCommitted: (calls, outcome) => this.#guard(() => this.model.committed(calls, outcome)),
    });
  }

  /** Lives through the world; throws a Violation if something was not as it must be. */
  async run(): Promise<WorldReport> {
    this.#database.clear();
    this.#bootServer();
    for (let i = 0; i < 2; i++) this.#bootRunner(i);
    this.#starts = this.#chance.between(1, 4);
    for (let i = 0; i < this.#starts; i++) this.#clientStarts(`start-${i}`);
    for (let i = this.#chance.between(1, 6); i > 0; i--) this.#later(TROUBLE_MS, () => this.#trouble());
    this.timeline.after(TROUBLE_MS, () => {
      // After a jump backwards timers are hours away; the clock is set right, and somewhat ahead.
      this.#wallOffsetMs = 12 * 3_600_000;
      this.#calm();
    });
    const end = await this.timeline.run(() => this.#broken !== undefined || this.#isOver(), LIMIT_MS);
    if (this.#broken !== undefined) throw this.#broken;
    assertEnd({ model: this.model, database: this.#database, wanted: this.#wanted, cancelled: this.#cancelled, end });
    return { executions: this.model.executions.size, touches: this.model.touches, kills: this.#kills };
  }

  #later(withinMs: number, act: () => void): void {
    this.timeline.after(this.#chance.next() * withinMs, act);
  }

  /** A violation inside a callback ends the world. */
  #guard<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#broken ??= error;
      return undefined;
    }
  }

  #wallMs(): number {
    return Math.floor(EPOCH_MS + this.timeline.now + this.#wallOffsetMs);
  }

  #isOver(): boolean {
    if (this.timeline.now < TROUBLE_MS || this.#wanted.size < this.#starts) return false;
    for (const seen of this.model.executions.values()) if (seen.finalGroup === undefined) return false;
    return true;
  }

  #bootServer(): void {
    const { timeline } = this;
    const writer = this.#disk.writer();
    let isAlive = true;
    const after = (delayMs: number, act: () => void): (() => void) =>
      timeline.after(delayMs, () => {
        if (isAlive) this.#guard(act);
      });
    const store = this.#database.open({ writer, closeSoon: (flush) => void after(0, flush) });
    // The process ends when a group is lost: what it decided in memory is not on disk.
    store.onFailure(() => this.#crashServer());
    const engine = createEngine({
      store,
      clock: { now: () => this.#wallMs(), after },
      random: (size) => this.#chance.bytes(size),
      resolveDefinition: ({ target }) => ({ spec: specOf((target as unknown as { steps: readonly Step[] }).steps) }),
    });
    this.#server = {
      engine,
      crash: () => {
        isAlive = false;
        writer.crash();
      },
    };
  }

  #crashServer(): void {
    if (!this.#server) return;
    this.#kills++;
    this.#server.crash();
    this.#server = undefined;
    for (const runner of this.#runners) runner.stream?.break();
    this.#later(500, () => {
      this.#disk.isFull = false;
      this.#bootServer();
    });
  }

  #bootRunner(slot: number): void {
    const process = startSimRunner({
      instance: `runner-${++this.#instances}`,
      capacity: this.#chance.between(1, 4),
      timeline: this.timeline,
      chance: this.#chance,
      wallMs: () => this.#wallMs(),
      runEffect: this.#touchWorld,
      openChannel: (listener) => this.#openStream(slot, listener),
    });
    this.#runners[slot] = { process, stream: this.#runners[slot]?.stream };
  }

  /** A stream to the server of now; where there is none, or the network is down, it closes after a while. */
  #openStream(slot: number, listener: ChannelListener): Channel {
    const server = this.#server;
    const isDown = this.#chance.happens(0.2);
    if (!server || isDown) {
      this.timeline.after(isDown ? this.#chance.between(100, 1_000) : 5, () => listener.onClose());
      return { send: () => {}, close: () => Promise.resolve() };
    }
    const stream = new SimStream({
      engine: server.engine,
      timeline: this.timeline,
      chance: this.#chance,
      wire: this.#faults.wire?.() ?? HONEST_WIRE,
      onFrame: (frame) =>
        this.#guard(() => {
          this.#inspect(frame);
          listener.onFrame(frame);
        }),
      onClosed: () => listener.onClose(),
    });
    const runner = this.#runners[slot];
    if (runner) runner.stream = stream;
    else this.#runners[slot] = { process: undefined, stream };
    return stream;
  }

  #killRunner(slot: number): void {
    const process = this.#runners[slot]?.process;
    if (!process?.isAlive()) return;
    this.#kills++;
    process.kill();
    this.#runners[slot]?.stream?.break();
    if (this.#chance.happens(0.5)) this.#later(50, () => this.#server?.engine.runnerGone(process.instance));
    this.#later(400, () => this.#bootRunner(slot));
  }

  readonly #touchWorld: RunnerOptions["runEffect"] = async (call, { executionId, key, signal }) => {
    const input = call.input as { ms: number; size: number };
    const count = this.#guard(() => this.model.touch(executionId, key, call.crash));
    await new Promise<void>((resolve) => {
      this.timeline.after(input.ms, resolve);
      signal.addEventListener("abort", () => resolve());
    });
    if (this.#chance.happens(0.1)) throw new DurableFailure({ type: "about:blank", status: 500, title: "bad luck" });
    return `touch ${count} ${"x".repeat(input.size)}`;
  };

  /** What a runner is told must be on disk. */
  #inspect(frame: ServerFrame): void {
    const { read } = this.#database;
    for (const { execution = 0n, seq = 0n } of frame.acks ?? []) {
      const row = read.prepare("select last_seq, epoch from execution where no = ?").get(execution);
      if (Number(row?.last_seq ?? 0) < Number(seq))
        throw new Violation(`entry ${seq} was acknowledged, but it is not on disk`);
    }
    for (const lease of frame.leases ?? []) {
      const rows = read
        .prepare("select seq from journal where execution = ? and kind <> 'intent' order by seq")
        .all(lease.execution ?? 0n);
      const row = read.prepare("select epoch from execution where no = ?").get(lease.execution ?? 0n);
      if (Number(row?.epoch) < (lease.epoch ?? 0)) throw new Violation("a lease left the server before it was on disk");
      const sent = new Set((lease.journal ?? []).map((entry) => Number(entry.seq)));
      const lacks = rows.find(({ seq }) => Number(seq) <= Math.max(...sent) && !sent.has(Number(seq)));
      if (lacks && Number(row?.epoch) === lease.epoch) throw new Violation(`a lease lacks entry ${String(lacks.seq)}`);
    }
  }

  /** A client starts something under a key, and again with the same key whenever the server dies meanwhile. */
  #clientStarts(key: string): void {
    const spec = specOf(randomSteps(this.#chance, 1));
    const digest = createHash("sha256").update(spec.definition).digest("hex");
    const attempt = (): void => {
      const server = this.#server;
      if (!server) return void this.timeline.after(100, attempt);
      const again = (): void => {
        if (!this.#wanted.has(key) && this.#server !== server) attempt();
        else if (!this.#wanted.has(key)) this.timeline.after(200, again);
      };
      server.engine.start({ spec, idempotency: { key, digest } }).then(
        ({ id }) => this.#guard(() => this.#accepted(key, id)),
        (error: unknown) => {
          if (!isStigmerError(error, "DISK_FULL")) this.#broken ??= error;
        },
      );
      this.timeline.after(200, again);
    };
    this.#later(TROUBLE_MS / 2, attempt);
    if (this.#chance.happens(0.2)) this.#later(TROUBLE_MS / 2, attempt);
  }

  #accepted(key: string, id: string): void {
    const known = this.#wanted.get(key);
    if (known !== undefined && known !== id) throw new Violation(`key ${key} gave ${known} and ${id}`);
    if (!this.model.executions.has(id))
      throw new Violation(`the start of ${id} was acknowledged, but it is not on disk`);
    this.#wanted.set(key, id);
    if (this.#chance.happens(0.5)) this.#watch(id, 0);
    if (this.#chance.happens(0.15)) this.#later(2_000, () => this.#cancel(id));
    if (this.#chance.happens(0.15)) this.#later(2_000, () => this.#pause(id));
  }

  /** A watcher that goes on where it was when the server comes back. */
  #watch(id: string, afterSeq: number): void {
    const server = this.#server;
    if (!server) return void this.timeline.after(100, () => this.#watch(id, afterSeq));
    let seq = afterSeq;
    const look = async (): Promise<void> => {
      for await (const update of server.engine.watch(id, { afterSeq })) {
        if (this.#server !== server) return this.#watch(id, seq);
        if (update.kind !== "event") continue;
        if (update.event.seq !== seq + 1)
          throw new Violation(`a watcher of ${id} got event ${update.event.seq} after ${seq}`);
        seq = update.event.seq;
      }
    };
    look().catch((error: unknown) => {
      this.#broken ??= error;
    });
  }

  #cancel(id: string): void {
    const mode = this.#chance.happens(0.3) ? "force" : "gentle";
    this.#server?.engine.cancel({ id, mode }).then(
      (view) => {
        if (view.phase < 6 || view.phase === 8) this.#cancelled.add(id);
      },
      () => {},
    );
  }

  #pause(id: string): void {
    this.#server?.engine.pause({ id }).catch(() => {});
    this.#later(2_000, () => void this.#server?.engine.resume({ id }).catch(() => {}));
  }

  #publish(type: string): void {
    const event = { specversion: "1.0", id: `e${++this.#eventIds}`, source: "outside", type };
    for (let i = this.#chance.between(1, 2); i > 0; i--) this.#server?.engine.publish({ event }).catch(() => {});
  }

  #trouble(): void {
    const slot = this.#chance.between(0, 1);
    const kind = this.#chance.pick([
      "server",
      "runner",
      "runner",
      "stream",
      "stream",
      "slow",
      "full",
      "clock",
      "event",
      "event",
    ] as const);
    switch (kind) {
      case "server":
        return this.#crashServer();
      case "runner":
        return this.#killRunner(slot);
      case "stream":
        return this.#runners[slot]?.stream?.break();
      case "slow":
        this.#disk.slowMs = this.#chance.between(5, 100);
        return this.#later(500, () => {
          this.#disk.slowMs = 0;
        });
      case "full":
        this.#disk.isFull = true;
        return;
      case "clock":
        this.#wallOffsetMs += this.#chance.pick([-3_600_000, -500, 500, 3_600_000]);
        return;
      case "event":
        return this.#publish(this.#chance.pick(EVENT_TYPES));
    }
  }

  /** No more trouble: whatever waits gets what it waits for. */
  #calm(): void {
    this.#disk.slowMs = 0;
    this.#disk.isFull = false;
    const { read } = this.#database;
    for (const row of read.prepare("select id from execution where phase in (4, 5)").all()) {
      this.#server?.engine.resume({ id: String(row.id) }).catch(() => {});
    }
    for (const type of EVENT_TYPES) this.#publish(type);
    this.timeline.after(300, () => this.#calm());
  }
}

function specOf(steps: readonly Step[]): ExecutionSpec {
  return {
    program: "workflow",
    namespace: "default",
    kind: "Workflow",
    name: `w${steps.length}`,
    digest: "",
    definition: JSON.stringify({ steps }),
    input: {},
    subscriptions: listenedTypes(steps).map((type) => ({ type })),
  };
}
