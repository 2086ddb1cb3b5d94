import type { CommandCall, GroupOutcome } from "@stigmer/server";

/** Something that must not be. */
export class Violation extends Error {}

interface RecordedEntry {
  readonly seq: number;
  readonly kind: string;
  readonly key: string;
  readonly body: string;
}

/** What the model knows of one execution. */
export interface SeenExecution {
  readonly types: readonly string[];
  /** The group of its end. */
  finalGroup: number | undefined;
  /** Events that its inbox must have, with the group that published each. */
  readonly events: Map<string, number>;
  readonly results: Map<string, string>;
  readonly fired: Set<string>;
  readonly items: Set<number>;
  readonly children: Map<string, string>;
  epoch: number;
}

/**
 * A plain picture of what must be true, fed with everything that reaches the disk and with every touch of the world. It
 * knows nothing of how the engine works.
 */
export class Model {
  readonly executions = new Map<string, SeenExecution>();
  readonly #byNo = new Map<number, SeenExecution>();
  readonly #touches = new Map<string, number>();
  readonly #recorded = new Set<string>();
  readonly #published = new Set<string>();
  #touchCount = 0;
  #group = 0;

  /** A group is on disk. */
  committed(calls: readonly CommandCall[], outcome: GroupOutcome): void {
    if (!outcome.committed) throw new Violation(`a group was lost: ${outcome.failure.message}`);
    this.#group++;
    calls.forEach((call, i) => {
      const result = outcome.outcomes[i];
      if (!result?.ok) throw new Violation(`the command ${call.name} failed: ${result?.failure.message}`);
      this.#follow(call, result.value as Result);
    });
  }

  /** An effect touches the world; returns its number. */
  touch(executionId: string, key: string, crash: string): number {
    const name = `${executionId} ${key}`;
    const count = (this.#touches.get(name) ?? 0) + 1;
    this.#touches.set(name, count);
    const execution = this.executions.get(executionId);
    if (!execution) throw new Violation(`an effect of ${executionId} ran, but its start is not on disk`);
    if (execution.results.has(key)) throw new Violation(`the recorded effect ${name} ran again`);
    if (crash === "unknown" && count > 1) throw new Violation(`the effect ${name} of unknown outcome was repeated`);
    return ++this.#touchCount;
  }

  get touches(): number {
    return this.#touchCount;
  }

  #follow(call: CommandCall, result: Result): void {
    const params = call.params as Params;
    if (call.name === "startExecution" && params.execution && result.kind === "started") this.#began(params.execution);
    if (call.name === "publishEvent" && params.event && result.accepted) this.#publish(params.event);
    if (call.name === "appendEntries" && result.kind === "appended") this.#appended(params);
    for (const granted of result.consequences?.granted ?? []) this.#granted(granted);
    for (const { id } of result.consequences?.ended ?? []) this.#ended(id);
  }

  #began(execution: NewExecution): void {
    const { id, subscriptions } = execution;
    if (this.executions.has(id)) throw new Violation(`${id} was started twice`);
    const seen: SeenExecution = {
      types: subscriptions.map((one) => one.type),
      finalGroup: undefined,
      events: new Map(),
      results: new Map(),
      fired: new Set(),
      items: new Set(),
      children: new Map(),
      epoch: 0,
    };
    this.executions.set(id, seen);
  }

  /** Numbers are given by the database, so they are learned from leases. */
  #granted({ no, id, epoch }: { no: number; id: string; epoch: number }): void {
    const seen = this.executions.get(id);
    if (!seen) throw new Violation(`${id} was leased, but its start is not on disk`);
    this.#byNo.set(no, seen);
    if (epoch <= seen.epoch) throw new Violation(`${id} was leased twice under epoch ${epoch}`);
    if (seen.finalGroup !== undefined) throw new Violation(`${id} was leased after its end`);
    seen.epoch = epoch;
  }

  #appended({ no = 0, entries = [], epoch = 0 }: Params): void {
    const seen = this.#byNo.get(no);
    if (!seen) throw new Violation(`entries of number ${no} were written, but it was never leased`);
    if (epoch !== seen.epoch)
      throw new Violation(`entries of epoch ${epoch} were written, but the lease is ${seen.epoch}`);
    for (const entry of entries) this.#entry(seen, entry);
  }

  #entry(seen: SeenExecution, entry: Entry): void {
    const { kind, key, act } = entry;
    if (kind === "result") for (const token of tokensOf(entry.body)) this.#recorded.add(token);
    if (act?.kind === "end" && act.ending.output) this.#checkOutput(act.ending.output);
    if (kind === "result")
      once(seen.results, key, "text" in entry.body ? entry.body.text : entry.body.digest, "a result");
    if (kind === "fired") {
      if (seen.fired.has(key)) throw new Violation(`the timer ${key} fired twice`);
      seen.fired.add(key);
    }
    if (act?.kind === "seen") {
      if (seen.items.has(act.n)) throw new Violation(`item ${act.n} was taken twice`);
      seen.items.add(act.n);
    }
    if (act?.kind === "publish") this.#publish(act.event);
    if (act?.kind !== "startChild") return;
    once(seen.children, key, act.child.id, "a child");
    this.#began(act.child);
  }

  /** What an execution gives in the end is made of results that are on disk. */
  #checkOutput(output: Value): void {
    for (const token of tokensOf(output)) {
      if (!this.#recorded.has(token)) throw new Violation(`an output has "${token}", which was never recorded`);
    }
  }

  #publish(event: { source: string; id: string; type: string }): void {
    const name = JSON.stringify([event.source, event.id]);
    if (this.#published.has(name)) return;
    this.#published.add(name);
    for (const seen of this.executions.values()) {
      if (seen.finalGroup === undefined && seen.types.includes(event.type))
        seen.events.set(`event ${name}`, this.#group);
    }
  }

  #ended(id: string): void {
    const seen = this.executions.get(id);
    if (!seen) throw new Violation(`${id} ended, but its start is not on disk`);
    if (seen.finalGroup !== undefined) throw new Violation(`${id} ended twice`);
    seen.finalGroup = this.#group;
  }
}

/** Every touch leaves a token of its own in its result. */
function tokensOf(value: Value): readonly string[] {
  const text = "text" in value ? value.text : value.content ? Buffer.from(value.content).toString() : "";
  return text.match(/touch \d+/g) ?? [];
}

type Value = { readonly text: string } | { readonly digest: string; readonly content?: Uint8Array };

function once(known: Map<string, string>, key: string, value: string, what: string): void {
  if (known.has(key)) throw new Violation(`${what} of ${key} was recorded twice`);
  known.set(key, value);
}

interface NewExecution {
  readonly id: string;
  readonly subscriptions: readonly { readonly type: string }[];
}

interface Entry extends Omit<RecordedEntry, "body"> {
  readonly body: Value;
  readonly act?:
    | { readonly kind: "startChild"; readonly child: NewExecution }
    | { readonly kind: "publish"; readonly event: { source: string; id: string; type: string } }
    | { readonly kind: "seen"; readonly n: number }
    | { readonly kind: "end"; readonly ending: { readonly output?: Value } };
}

interface Params {
  readonly execution?: NewExecution;
  readonly event?: { source: string; id: string; type: string };
  readonly no?: number;
  readonly epoch?: number;
  readonly entries?: readonly Entry[];
}

interface Result {
  readonly kind?: string;
  readonly accepted?: boolean;
  readonly consequences?: {
    readonly granted: readonly { no: number; id: string; epoch: number }[];
    readonly ended: readonly { no: number; id: string }[];
  };
}
