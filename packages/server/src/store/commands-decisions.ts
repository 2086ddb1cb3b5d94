import { STATE } from "./engine/execution-row.ts";
import { deliver } from "./engine/inbox.ts";
import type { StoredValue } from "./engine/stored-value.ts";
import { runTurn, type Slot, type WithConsequences } from "./engine/turn.ts";
import type { WriteConnection } from "./write-connection.ts";

/** Parameters of `decide`. */
export interface DecideParams {
  readonly nowMs: number;
  /** Public id of the execution. */
  readonly id: string;
  /** Key of the question. */
  readonly task: string;
  /** Digest of the whole answer: the same answer may come again. */
  readonly digest: string;
  /** JSON text of the item: task, outcome, data, by. */
  readonly item: StoredValue;
  readonly slots?: readonly Slot[];
}

/** `repeated`: this very answer was taken before. `taken`: another one was. */
export interface DecideResult {
  readonly outcome: "decided" | "repeated" | "taken" | "final" | "missing";
}

/** Takes the first answer to a question, and no other. */
function decide(db: WriteConnection, params: DecideParams): WithConsequences<DecideResult> {
  return runTurn<DecideResult>(db, params.nowMs, params.slots, (turn) => {
    const row = turn.rowById(params.id);
    if (!row) return { outcome: "missing" };
    const sql = "select digest from decision where execution = ? and task = ?";
    const known = db.get<{ readonly digest: string }>(sql, row.no, params.task);
    if (known) return { outcome: known.digest === params.digest ? "repeated" : "taken" };
    if (row.state === STATE.final) return { outcome: "final" };
    db.run(
      "insert into decision(execution, task, digest, at) values (?,?,?,?)",
      row.no,
      params.task,
      params.digest,
      params.nowMs,
    );
    deliver(turn, row, { kind: "decision", data: params.item, dedupe: `decision ${params.task}` });
    return { outcome: "decided" };
  });
}

/** Writes of decisions. */
export const decisionCommands = { decide };
