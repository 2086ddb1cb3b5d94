import {
  type BlobFiles,
  type CommandTable,
  commands,
  type EntryFrame,
  type MemoryDatabaseParts,
  type RunnerFrame,
  type ServerFrame,
  type WriteConnection,
} from "@stigmer/server";
import { HONEST_WIRE, type Wire } from "./sim-stream.ts";
import type { WorldFaults } from "./world.ts";

/** A defect that the simulation must find: the product is spoiled from outside, its code stays as it is. */
export interface PlantedFault {
  readonly name: string;
  /** Spoils the writer. */
  readonly database?: () => MemoryDatabaseParts;
  /** Spoils runners and the wire; made anew for each world. */
  readonly world?: () => WorldFaults;
}

type Append = Parameters<typeof commands.appendEntries>[1];
type Result = ReturnType<typeof commands.appendEntries>;

/** Appends what `change` leaves of the parameters. */
function spoiledAppend(
  change: (db: WriteConnection, params: Append) => Append,
  after?: (db: WriteConnection, params: Append, result: Result) => void,
) {
  return (db: WriteConnection, params: Append): Result => {
    const result = commands.appendEntries(db, change(db, params));
    if (result.kind === "appended") after?.(db, params, result);
    return result;
  };
}

/** A writer with other commands. */
function spoiled(table: CommandTable): () => MemoryDatabaseParts {
  return () => ({ commands: { ...commands, ...table } });
}

/** Files that reach the disk only with the next group that has some: after the entry that names them. */
function lateFiles(): BlobFiles {
  const held = new Map<string, Uint8Array>();
  let late: Parameters<BlobFiles["write"]>[0] = [];
  return {
    write: (files) => {
      if (files.length === 0) return;
      for (const { digest, bytes } of late) held.set(digest, bytes);
      late = files;
    },
    read: (digest) => held.get(digest),
    remove: (digest) => void held.delete(digest),
    list: () => [...held.keys()],
  };
}

/** Words of a zombie pass for words of whoever holds the lease now. */
function zombieWires(): () => Wire {
  const holders = new Map<bigint, { readonly epoch: number; readonly pass: (frame: RunnerFrame) => void }>();
  return () => {
    let own: ((frame: RunnerFrame) => void) | undefined;
    return {
      up: (frame, pass) => {
        own = pass;
        const isOld = (entry: EntryFrame): boolean =>
          (holders.get(entry.execution ?? 0n)?.epoch ?? 0) > (entry.epoch ?? 0);
        const entries: readonly EntryFrame[] = frame.entries ?? [];
        pass({ ...frame, entries: entries.filter((entry) => !isOld(entry)) } as RunnerFrame);
        for (const entry of entries.filter(isOld)) {
          const holder = holders.get(entry.execution ?? 0n);
          holder?.pass({ entries: [{ ...entry, epoch: holder.epoch }] } as RunnerFrame);
        }
      },
      down: (frame, pass) => {
        for (const { execution = 0n, epoch = 0 } of frame.leases ?? [])
          if (own) holders.set(execution, { epoch, pass: own });
        pass(frame);
      },
    };
  };
}

/** Acknowledges entries when they arrive. */
const hastyWire: Wire = {
  up: (frame, pass, back) => {
    const acks = (frame.entries ?? []).map(({ execution = 0n, seq = 0n }) => ({ execution, seq, parked: false }));
    if (acks.length > 0) back({ acks } as ServerFrame);
    pass(frame);
  },
  down: HONEST_WIRE.down,
};

/** Leases lose their last entry. */
const forgetfulWire: Wire = {
  up: HONEST_WIRE.up,
  down: (frame, pass) => {
    const leases = (frame.leases ?? []).map((lease) => ({
      ...lease,
      journal: (lease.journal ?? []).filter((_, i, all) => i === 0 || i < all.length - 1),
    }));
    pass({ ...frame, leases } as ServerFrame);
  },
};

/** Leases lose their intents, so that nothing tells that an effect has begun. */
const carelessWire: Wire = {
  up: HONEST_WIRE.up,
  down: (frame, pass) => {
    const leases = (frame.leases ?? []).map((lease) => ({
      ...lease,
      journal: (lease.journal ?? []).filter((one) => one.kind !== "intent"),
    }));
    pass({ ...frame, leases } as ServerFrame);
  },
};

/** Every defect with the promise that it breaks. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  { name: "an entry is acknowledged before it is on disk", world: () => ({ wire: () => hastyWire }) },
  { name: "a lease leaves without its last entry", world: () => ({ wire: () => forgetfulWire }) },
  { name: "a runner repeats effects of unknown outcome", world: () => ({ wire: () => carelessWire }) },
  {
    name: "an old epoch is accepted",
    world: () => ({ wire: zombieWires() }),
  },
  {
    name: "an epoch is used twice",
    database: spoiled({
      freeLease: (db, params) => {
        const result = commands.freeLease(db, params);
        db.run("update execution set epoch = epoch - 1 where no = ? and epoch > 1", params.no);
        return result;
      },
    }),
  },
  {
    name: "an acknowledged entry is dropped",
    database: spoiled({
      appendEntries: spoiledAppend(
        (_, params) => params,
        (db, params) =>
          db.run(
            "delete from journal where execution = ? and seq = ? and seq % 5 = 3",
            params.no,
            params.entries[0]?.seq ?? 0,
          ),
      ),
    }),
  },
  { name: "a blob is written after its entry", database: () => ({ files: lateFiles() }) },
  {
    name: "a snapshot drops itself",
    database: spoiled({
      appendEntries: spoiledAppend(
        (_, params) => params,
        (db, params) => {
          const seq = params.entries.find((entry) => entry.kind === "snapshot")?.seq;
          if (seq !== undefined) db.run("delete from journal where execution = ? and seq = ?", params.no, seq);
        },
      ),
    }),
  },
  {
    name: "an event is delivered twice",
    database: spoiled({
      publishEvent: (db, params) => {
        const result = commands.publishEvent(db, params);
        const dedupe = `event ${JSON.stringify([params.event.source, params.event.id])}`;
        db.run(
          `insert into inbox(execution, n, at, kind, data, blob)
           select i.execution, e.inbox_last + 1, i.at, i.kind, i.data, i.blob from inbox i join execution e on e.no = i.execution
           where i.dedupe = ?`,
          dedupe,
        );
        db.run(
          "update execution set inbox_last = inbox_last + 1 where no in (select execution from inbox where dedupe = ?)",
          dedupe,
        );
        return result;
      },
    }),
  },
  {
    name: "an event is lost when its listener parks",
    database: spoiled({
      parkExecution: (db, params) => commands.parkExecution(db, { ...params, inboxSeen: Number.MAX_SAFE_INTEGER }),
    }),
  },
  {
    name: "a child is started twice",
    database: spoiled({
      appendEntries: spoiledAppend(
        (_, params) => params,
        (db, { entries, nowMs }) => {
          for (const { act } of entries) {
            if (act?.kind === "startChild")
              commands.startExecution(db, { nowMs, execution: { ...act.child, id: `${act.child.id}X` } });
          }
        },
      ),
    }),
  },
  {
    name: "the end of a child does not reach its parent",
    database: spoiled({
      appendEntries: spoiledAppend((db, params) => {
        if (params.entries.some((entry) => entry.act?.kind === "end"))
          db.run("update execution set awaited = 0 where no = ?", params.no);
        return params;
      }),
    }),
  },
  {
    name: "a timer is lost",
    database: spoiled({
      parkExecution: (db, params) => {
        const result = commands.parkExecution(db, params);
        db.run("delete from timer where execution = ?", params.no);
        return result;
      },
    }),
  },
  {
    name: "a timer fires twice",
    database: spoiled({
      fireTimer: (db, params) => {
        const result = commands.fireTimer(db, params);
        // The row comes back, and with it a second lease while the first one works.
        if (result.fired) db.run("update execution set state = 1, due_at = ? where no = ?", params.dueAtMs, params.no);
        if (result.fired)
          db.run("insert or ignore into timer(due_at, execution) values (?,?)", params.dueAtMs, params.no);
        return result;
      },
    }),
  },
  {
    name: "a repeated start makes a second execution",
    database: spoiled({
      startExecution: (db, { idempotency: _, ...params }) => commands.startExecution(db, params),
    }),
  },
  {
    name: "an acknowledged cancel is forgotten",
    database: spoiled({
      cancelExecution: (db, params) => {
        const result = commands.cancelExecution(db, params);
        db.run("update execution set cancelling = 0 where id = ?", params.id);
        db.run("delete from inbox where kind = 'cancel'");
        return { ...result, consequences: { ...result.consequences, delivered: [] } };
      },
    }),
  },
  {
    name: "a lease does not raise the epoch on disk",
    database: spoiled({
      leaseExecution: (db, params) => {
        const result = commands.leaseExecution(db, params);
        db.run("update execution set epoch = epoch - 1 where no = ? and epoch > 1", params.no);
        return result;
      },
    }),
  },
  {
    name: "an event line is written twice",
    database: spoiled({
      appendEntries: spoiledAppend(
        (_, params) => params,
        (db, params) => db.run("update execution set reported = 0 where no = ?", params.no),
      ),
    }),
  },
];
