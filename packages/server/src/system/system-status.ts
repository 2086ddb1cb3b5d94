import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Phase, type RunnerStatusSchema, type StatusResponse, StatusResponseSchema } from "@stigmer/api";
import { BUILD_ID, type HomePaths, VERSION } from "@stigmer/lifecycle";
import type { RunnerStats } from "../engine/engine-door.ts";
import type { ReadConnection } from "../store/read-connection.ts";
import { measureData } from "./data-sizes.ts";

/** What the status is told from. */
export interface SystemStatusDeps {
  readonly read: ReadConnection;
  readonly paths: HomePaths;
  readonly startedAtMs: number;
  readonly runners: () => readonly MessageInitShape<typeof RunnerStatusSchema>[];
  /** In words, by what is kept. */
  readonly retention: Readonly<Record<string, string>>;
}

/** The server as it stands now: versions, runners, executions by phase, backlog, sizes and retention. */
export function systemStatus(deps: SystemStatusDeps): StatusResponse {
  const { database, wal, blobs, workspaces } = measureData(deps.paths);
  return create(StatusResponseSchema, {
    version: VERSION,
    buildId: BUILD_ID,
    startedAt: timestampFromMs(deps.startedAtMs),
    engine: "embedded",
    runners: [...deps.runners()],
    executionsByPhase: countByPhase(deps.read),
    sizes: { database: BigInt(database), wal: BigInt(wal), blobs: BigInt(blobs), workspaces: BigInt(workspaces) },
    backlog: BigInt(countBacklog(deps.read)),
    retention: deps.retention,
  });
}

function countByPhase(read: ReadConnection): Record<string, bigint> {
  const rows = read.all<{ readonly phase: number; readonly n: number }>(
    "select phase, count(*) as n from execution group by phase",
  );
  return Object.fromEntries(rows.map((row) => [nameOf(row.phase), BigInt(row.n)]));
}

function nameOf(phase: number): string {
  const name = Object.entries(Phase).find(([, value]) => value === phase)?.[0];
  return name?.toLowerCase() ?? "unspecified";
}

/** Executions that wait for a runner. */
function countBacklog(read: ReadConnection): number {
  return (
    read.get<{ readonly n: number }>("select count(*) as n from execution where state = 0 and instance = ''")?.n ?? 0
  );
}

/** A runner as the status shows it. */
export function toRunnerStatus(runner: RunnerStats): MessageInitShape<typeof RunnerStatusSchema> {
  const { connectedAtMs, ...rest } = runner;
  return { ...rest, connectedAt: timestampFromMs(connectedAtMs) };
}
