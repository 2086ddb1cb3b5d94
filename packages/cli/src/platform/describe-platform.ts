import { isAlive } from "@stigmer/lifecycle";
import { type Column, renderTable } from "../print.ts";
import { COMPONENTS, type ComponentName } from "../supervisor/machine.ts";
import { type ComponentReport, isPlatformAlive, type StateFile } from "../supervisor/state-file.ts";

/** Health in one word. */
export type Health = "healthy" | "degraded" | "stopped";

/** What `status --json` prints. */
export interface PlatformReport {
  readonly health: Health;
  readonly version?: string;
  readonly address?: string;
  readonly socket?: string;
  readonly startedAt?: string;
  readonly components: readonly ({ readonly name: ComponentName } & ComponentReport)[];
}

/** The truth about a platform: the supervisor's word, checked against the processes that live. */
export function describePlatform(state: StateFile | undefined): PlatformReport {
  if (!isPlatformAlive(state)) return { health: "stopped", components: [] };
  const components = COMPONENTS.map((name) => ({ name, ...checkLife(state.components[name]) }));
  const isHealthy = components.every(({ phase }) => phase === "ready");
  return {
    health: isHealthy ? "healthy" : "degraded",
    version: state.version,
    ...(state.address === undefined ? {} : { address: state.address }),
    socket: state.socket,
    startedAt: state.startedAt,
    components,
  };
}

/** The report as a table of addresses and components. */
export function renderPlatform(report: PlatformReport, state: StateFile | undefined): string {
  if (report.health === "stopped") return "stopped\n";
  type Row = PlatformReport["components"][number];
  const columns: readonly Column<Row>[] = [
    { title: "COMPONENT", value: (row) => row.name },
    { title: "STATUS", value: (row) => row.phase },
    { title: "PID", value: (row) => String(row.process?.pid ?? "-") },
    { title: "RESTARTS", value: (row) => String(row.restarts) },
    {
      title: "NOTE",
      value: (row) => row.reason ?? (row.replacedBy === undefined ? "" : `replaced by ${row.replacedBy}`),
    },
  ];
  const addresses = [
    ["API", addressOf(report)],
    ["socket", report.socket ?? "-"],
    ["logs", state?.logs ?? "-"],
    ["version", report.version ?? "-"],
  ];
  const head = addresses.map(([title = "", value]) => `${title.padEnd(8)} ${value}`).join("\n");
  return `${head}\n\n${renderTable(report.components, columns)}`;
}

/** An address comes with its scheme where TLS is spoken. */
function addressOf({ address }: PlatformReport): string {
  if (address === undefined) return "-";
  return address.includes("://") ? address : `http://${address}`;
}

function checkLife(report: ComponentReport): ComponentReport {
  if (report.phase !== "ready" || (report.process !== undefined && isAlive(report.process))) return report;
  return { ...report, phase: "backoff", reason: "its process is gone" };
}
