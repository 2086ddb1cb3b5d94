import { type ExecutionRow, ROW_COLUMNS } from "../store/engine/execution-row.ts";
import { readyOf } from "../store/engine/turn.ts";
import { type Live, queuedLive } from "./live.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * Takes up what was ready when the server ended: queued executions queue again, leased ones wait a moment for their
 * runner, which may still be running their effects.
 */
export function recover(scheduler: Scheduler): void {
  const { store, clock, limits } = scheduler.options;
  const rows = store.read.all<ExecutionRow>(`select ${ROW_COLUMNS} from execution where state = 0 order by no`);
  const leased: Live[] = [];
  for (const row of rows) {
    if (row.instance === "") {
      scheduler.enqueue(readyOf(row));
      continue;
    }
    const live = { ...queuedLive(readyOf(row), clock.now()), isQueued: false, instance: row.instance };
    scheduler.lives.set(row.no, live);
    leased.push(live);
  }
  if (leased.length === 0) return;
  clock.after(limits.blindGraceMs, () => {
    for (const live of leased) if (!live.holder) scheduler.free(live, { kind: "returned" });
  });
}
