import type { EntryFrame, EventFrame, ParkFrame, ReleaseFrame } from "@stigmer/api";
import type { AppendedEntry } from "../store/engine/append.ts";
import { readEntry, readLines } from "./entry-reading.ts";
import { mayReadSecrets } from "./journal-seal.ts";
import type { Live } from "./live.ts";
import type { RunnerSession } from "./runner-session.ts";
import type { Scheduler } from "./scheduler.ts";
import { ValueClaims } from "./values.ts";

/** What a runner says about a lease that it may or may not still hold. */
export interface LeaseWords {
  readonly no: number;
  readonly epoch: number;
}

/** The lease, if the runner holds it; otherwise the runner is told to drop it. */
export function heldLease(scheduler: Scheduler, session: RunnerSession, { no, epoch }: LeaseWords): Live | undefined {
  const live = scheduler.lives.get(no);
  if (live && live.holder === session && live.epoch === epoch && !live.isQueued) return live;
  session.refuse(no, epoch);
  return undefined;
}

/** Entries and lines of one execution in one frame. */
export interface AppendWords extends LeaseWords {
  readonly entries: readonly EntryFrame[];
  readonly events: readonly EventFrame[];
}

/** Appends what is new; entries that came before are acknowledged as far as they are on disk. */
export function append(scheduler: Scheduler, session: RunnerSession, words: AppendWords): void {
  const live = heldLease(scheduler, session, words);
  if (!live) return;
  const fresh = words.entries.filter((entry) => Number(entry.seq ?? 0) > live.lastSeq);
  if (fresh.length < words.entries.length) session.ack(live.no, live.safeSeq);
  if (fresh.some((entry, i) => Number(entry.seq ?? 0) !== live.lastSeq + 1 + i)) {
    return scheduler.revoke(live);
  }
  if (fresh.length > 0 || words.events.length > 0) submitEntries(scheduler, live, fresh, words.events);
}

function submitEntries(
  scheduler: Scheduler,
  live: Live,
  entries: readonly EntryFrame[],
  events: readonly EventFrame[],
): void {
  const claims = new ValueClaims();
  const { options } = scheduler;
  const reader = {
    execution: live.ready,
    claims,
    resolve: options.resolve,
    maxDepth: options.limits.maxDepth,
    seed: options.seed,
    ...(options.seal ? { seal: options.seal } : {}),
    mayReadSecrets: () => mayReadSecrets(options.store, live.no),
  };
  const appended = entries.map((entry) => readEntry(reader, entry));
  const lines = readLines(claims, events);
  live.lastSeq += entries.length;
  const lastSeq = live.lastSeq;
  // A child that starts or ends here may begin or wake something, whose lease then shares the transaction.
  const { slots, giveBack } = appended.some(startsSomething) ? scheduler.takeSlots() : NO_SLOTS;
  const params = {
    nowMs: options.clock.now(),
    no: live.no,
    epoch: live.epoch,
    entries: appended,
    events: lines,
    slots,
  };
  options.store.submit("appendEntries", params, extras(claims), (result) => {
    giveBack();
    if (!result.ok) return scheduler.fail(live, result.error);
    if (result.value.kind === "refused") return scheduler.revoke(live);
    live.safeSeq = Math.max(live.safeSeq, lastSeq);
    if (entries.length > 0) scheduler.progressed(live);
    live.holder?.ack(live.no, live.safeSeq);
    if (result.value.consequences.ended.some((one) => one.no === live.no)) scheduler.forget(live);
    scheduler.apply(result.value.consequences);
  });
}

const NO_SLOTS = { slots: [], giveBack: (): void => {} };

const startsSomething = ({ act }: AppendedEntry): boolean =>
  act !== undefined && (act.kind === "startChild" || act.kind === "publish" || act.kind === "end");

const extras = (claims: ValueClaims) => ({ files: claims.files, sizeBytes: claims.sizeBytes + 256 });

/** Parks an execution, or leases it anew when something came meanwhile. A runner that wrote more since then goes on. */
export function park(scheduler: Scheduler, session: RunnerSession, frame: ParkFrame): void {
  const words = { no: Number(frame.execution ?? 0), epoch: frame.epoch ?? 0 };
  const live = heldLease(scheduler, session, words);
  if (!live) return;
  if (Number(frame.lastSeq ?? 0) !== live.lastSeq) return;
  const params = {
    ...words,
    nowMs: scheduler.options.clock.now(),
    lastSeq: Number(frame.lastSeq ?? 0),
    dueAtMs: Number(frame.dueAtMs ?? 0),
    inboxSeen: Number(frame.inboxSeen ?? 0),
  };
  scheduler.options.store.submit("parkExecution", params, {}, (result) => {
    if (!result.ok) return scheduler.fail(live, result.error);
    if (result.value.kind === "refused") return scheduler.revoke(live);
    if (result.value.kind === "kept") return;
    live.holder?.ackPark(live.no, params.lastSeq);
    scheduler.forget(live);
    scheduler.apply(result.value.consequences);
  });
}

/** Counts as a death of the runner: the program spun. */
const SPIN_REASON = "CPU_BUDGET";

/** Takes a lease back. */
export function release(scheduler: Scheduler, session: RunnerSession, frame: ReleaseFrame): void {
  const live = heldLease(scheduler, session, { no: Number(frame.execution ?? 0), epoch: frame.epoch ?? 0 });
  if (!live) return;
  const [reason, message] = [frame.reason ?? "", frame.message ?? ""];
  if (reason === "") return scheduler.free(live, { kind: "returned" });
  if (reason !== SPIN_REASON) return scheduler.free(live, { kind: "suspend", reason, message });
  scheduler.free(live, { kind: "death", reason, message, company: "alone" });
}
