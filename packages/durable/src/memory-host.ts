import type { ActivationEnd, Clock, RunEffect } from "./activation-port.ts";
import { childExecutionId } from "./digest.ts";
import type { Json } from "./json.ts";
import type { ChildRequest, MemoryExecution, MemoryHost, MemoryHostOptions } from "./memory-options.ts";
import { MemoryRun, type MemoryWorld } from "./memory-run.ts";
import { RUNTIME_ERROR } from "./problems.ts";
import { SeededRandom } from "./random.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** Makes a host that keeps everything in memory. */
export function createMemoryHost(options: MemoryHostOptions): MemoryHost {
  return new Memory(options);
}

class Memory implements MemoryHost, MemoryWorld {
  readonly options: MemoryHostOptions;
  readonly clock: Clock;
  readonly emitted: Json[] = [];
  readonly chance: SeededRandom | undefined;
  readonly #runs = new Map<string, MemoryRun>();
  readonly #seeds = new SeededRandom([1, 2, 3, 4]);
  #started = 0;
  #settling = 0;
  #running = 0;

  constructor(options: MemoryHostOptions) {
    this.options = options;
    const { clock, chaos } = options;
    this.clock =
      clock instanceof VirtualClock
        ? { now: () => clock.now(), setTimer: (atMs, fire) => clock.setHostTimer(atMs, fire) }
        : clock;
    if (chaos !== undefined) this.chance = new SeededRandom([chaos.seed, 7, 11, 13]);
  }

  start(request: { readonly program: string; readonly input: Json; readonly id?: string }): MemoryExecution {
    const prefix = request.program === "agent" ? "aex" : "wex";
    const id = request.id ?? `${prefix}_${String(++this.#started).padStart(26, "0")}`;
    return this.begin({ ...request, id });
  }

  begin(request: { program: string; input: Json; id: string; parent?: { id: string; key: string } }): MemoryRun {
    const known = this.#runs.get(request.id);
    if (known !== undefined) return known;
    const program = this.options.programs[request.program];
    if (program === undefined)
      throw new RangeError(`Cannot start "${request.id}": there is no program "${request.program}"`);
    const run = new MemoryRun(this, { ...request, program });
    this.#runs.set(request.id, run);
    run.begin();
    return run;
  }

  beginChild(parentId: string, key: string, request: ChildRequest): void {
    const id = childExecutionId({ parentId, key, program: request.program });
    const resolved = this.options.resolveChild?.(request, { id, startedAtMs: this.options.clock.now() }) ?? {
      program: request.program,
      input: request.input,
    };
    if ("type" in resolved) return this.#tellParent(parentId, key, { failure: { ...resolved } });
    if (this.options.programs[resolved.program] === undefined) {
      const detail = `there is no program "${resolved.program}"`;
      return this.#tellParent(parentId, key, {
        failure: { type: RUNTIME_ERROR, status: 500, title: "no such program", detail },
      });
    }
    this.begin({ ...resolved, id, parent: { id: parentId, key } });
  }

  cancelChild(parentId: string, key: string, program: string): void {
    this.#runs.get(childExecutionId({ parentId, key, program }))?.cancel();
  }

  childEnded(parent: { id: string; key: string }, end: ActivationEnd): void {
    switch (end.kind) {
      case "completed":
        return this.#tellParent(parent.id, parent.key, { ok: end.output });
      case "failed":
        return this.#tellParent(parent.id, parent.key, { failure: { ...end.failure } });
      case "cancelled":
        return this.#tellParent(parent.id, parent.key, { cancelled: true });
      case "suspended":
        return;
    }
  }

  find(id: string): MemoryExecution | undefined {
    return this.#runs.get(id);
  }

  publish(event: Json): void {
    for (const run of this.#runs.values()) run.offerEvent(event);
  }

  emit(event: Json): void {
    this.emitted.push(event);
    this.publish(event);
  }

  settle(done: () => void): void {
    this.#settling++;
    this.options.settle(() => {
      this.#settling--;
      done();
      this.#considerJump();
    });
  }

  readonly runEffect: RunEffect = async (call, context) => {
    this.#running++;
    try {
      return await this.options.runEffect(call, context);
    } finally {
      this.#running--;
      if (this.#settling === 0) this.settle(() => {});
    }
  };

  seed(): string {
    return this.options.seed?.() ?? this.#seeds.uuid().replaceAll("-", "");
  }

  /** Virtual time moves when nothing runs but effects that wait for it. */
  #considerJump(): void {
    const { clock } = this.options;
    if (!(clock instanceof VirtualClock) || this.#settling > 0 || this.#running > clock.outsideCount) return;
    if (clock.jump()) this.settle(() => {});
  }

  #tellParent(parentId: string, key: string, outcome: Json): void {
    this.#runs.get(parentId)?.put("child", { key, outcome });
  }
}
