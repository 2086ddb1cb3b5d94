import type { LoggedEvent } from "@stigmer/interpreter";
import type { Terminal } from "../terminal.ts";

/** Shows one line per task on a terminal; says nothing elsewhere. */
export interface Progress {
  onEvent(event: LoggedEvent): void;
}

/** Progress on standard error, so that standard output stays data. */
export function createProgress(terminal: Terminal): Progress {
  if (!terminal.isTalkInteractive) return { onEvent: () => {} };
  const startedAt = new Map<string, number>();
  return {
    onEvent({ type, data, atMs }) {
      const members = isObject(data) ? data : {};
      const key = `${text(members.reference)}#${text(members.run)}`;
      if (type === "task.started") startedAt.set(key, atMs);
      const line = describe(terminal, type, members, atMs - (startedAt.get(key) ?? atMs));
      if (line !== undefined) terminal.err(`${line}\n`);
    },
  };
}

function describe(
  terminal: Terminal,
  type: string,
  data: Readonly<Record<string, unknown>>,
  ms: number,
): string | undefined {
  const name = text(data.name) || text(data.reference);
  switch (type) {
    case "task.completed":
      return `  ${terminal.style("green", "✓")} ${name} ${terminal.style("dim", `${ms} ms`)}`;
    case "task.faulted":
      return `  ${terminal.style("red", "✗")} ${name} ${titleOf(data.error)}`;
    case "task.retried":
      return `  ${terminal.style("yellow", "↻")} ${name} attempt ${text(data.attempt)} in ${text(data.delayMs)} ms`;
    case "task.skipped":
      return `  ${terminal.style("dim", `- ${name} skipped`)}`;
    case "task.waiting":
      return `  ${terminal.style("dim", `… ${name} waits`)}`;
    case "agent.tool.called":
      return `  ${terminal.style("cyan", "⚒")} ${text(data.tool)} ${terminal.style("dim", brief(data.arguments))}`;
    case "agent.tool.refused":
      return `  ${terminal.style("red", "⚒")} ${text(data.tool)} refused`;
    case "execution.suspended":
    case "execution.paused":
      return `  ${terminal.style("yellow", type.slice("execution.".length))} ${text(data.reason)}`;
    default:
      return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function titleOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const title = "title" in error ? error.title : undefined;
  const detail = "detail" in error ? error.detail : undefined;
  return [title, detail].filter((part) => typeof part === "string").join(": ");
}

function brief(value: unknown): string {
  const whole = value === undefined ? "" : JSON.stringify(value);
  return whole.length > 100 ? `${whole.slice(0, 97)}...` : whole;
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
