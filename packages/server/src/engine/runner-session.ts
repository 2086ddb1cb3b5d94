import type { HelloFrame, ItemFrame, LeaseFrame, ServerFrame } from "@stigmer/api";
import type { Live } from "./live.ts";

/** The way to a connected runner. */
export interface RunnerChannel {
  send(frame: ServerFrame): void;
}

/** One stream of a runner: what it holds, and one outgoing frame per committed group. */
export class RunnerSession {
  readonly held = new Map<number, Live>();
  readonly connectedAtMs: number;
  /** Leases that are on their way to it. */
  reserved = 0;
  component = "";
  instance = "";
  version = "";
  capacity = 0;
  programs: readonly string[] = [];
  isOpen = true;
  readonly #channel: RunnerChannel;
  readonly #acks = new Map<number, { seq: number; isParked: boolean }>();
  readonly #items = new Map<number, ItemFrame[]>();
  #leases: LeaseFrame[] = [];
  #refused: { execution: bigint; epoch: number }[] = [];
  #greets = false;
  #drains = false;

  constructor(channel: RunnerChannel, nowMs: number) {
    this.#channel = channel;
    this.connectedAtMs = nowMs;
  }

  get load(): number {
    return this.held.size + this.reserved;
  }

  hasRoom(program: string): boolean {
    return this.isOpen && this.load < this.capacity && this.programs.includes(program);
  }

  /** The first frame goes out even when empty: it tells the runner that the stream stands. */
  greet(hello: HelloFrame): void {
    this.component = hello.component ?? "";
    this.instance = hello.instance ?? "";
    this.version = hello.version ?? "";
    this.capacity = hello.capacity ?? 0;
    this.programs = (hello.programs ?? []).map((program) => program.name ?? "");
    this.#greets = true;
  }

  ack(no: number, seq: number): void {
    const known = this.#acks.get(no);
    if (known?.isParked) return;
    this.#acks.set(no, { seq, isParked: false });
  }

  ackPark(no: number, seq: number): void {
    this.#acks.set(no, { seq, isParked: true });
  }

  lease(lease: LeaseFrame): void {
    this.#leases.push(lease);
  }

  refuse(no: number, epoch: number): void {
    this.#refused.push({ execution: BigInt(no), epoch });
  }

  deliver(no: number, items: readonly ItemFrame[]): void {
    const known = this.#items.get(no);
    if (known) known.push(...items);
    else this.#items.set(no, [...items]);
  }

  drain(): void {
    this.#drains = true;
  }

  /** Sends what came together since the last time. */
  flush(): void {
    const count = this.#acks.size + this.#leases.length + this.#refused.length + this.#items.size;
    if (!this.isOpen || (count === 0 && !this.#greets && !this.#drains)) return;
    const frame: ServerFrame = {
      leases: this.#leases,
      acks: [...this.#acks].map(([no, ack]) => ({ execution: BigInt(no), seq: BigInt(ack.seq), parked: ack.isParked })),
      refused: this.#refused,
      deliveries: [...this.#items].map(([no, items]) => ({ execution: BigInt(no), items })),
      drain: this.#drains,
    };
    this.#acks.clear();
    this.#items.clear();
    this.#leases = [];
    this.#refused = [];
    this.#greets = false;
    this.#drains = false;
    this.#channel.send(frame);
  }
}
