import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { EXIT, identifyProcess, type ProcessIdentity, stopLine } from "@stigmer/lifecycle";
import type { ComponentCommand } from "./component-commands.ts";
import type { ProcessEnd } from "./machine.ts";
import type { RotatingLog } from "./rotating-log.ts";

/** How many of its last lines a component's end is explained with. */
const LAST_LINES = 5;

/** A running child of the supervisor. */
export interface ComponentProcess {
  readonly identity: ProcessIdentity | undefined;
  readonly instance: string;
  /** Asks it to end; running work gets `graceMs`. */
  terminate(graceMs: number): void;
  kill(): void;
  /** Writes one line into its parent pipe. */
  tell(line: string): void;
}

export interface SpawnComponentParams {
  readonly command: ComponentCommand;
  readonly env: NodeJS.ProcessEnv;
  readonly instance: string;
  readonly log: RotatingLog;
  readonly onReady: (ready: Readonly<Record<string, unknown>>) => void;
  readonly onEnd: (end: ProcessEnd) => void;
}

/** Starts a component with a pipe as its standard input: when this process ends, the kernel closes it and the child ends. */
export function spawnComponent(params: SpawnComponentParams): ComponentProcess {
  const child = spawn(params.command.file, params.command.args, {
    env: params.env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true, // a Ctrl-C on the terminal reaches the supervisor alone, which stops in order
  });
  const lines: string[] = [];
  child.stdin.on("error", () => {}); // the child is gone; its end is reported below
  createInterface({ input: child.stdout }).on("line", (line) => {
    const ready = parseReady(line);
    if (ready) params.onReady(ready);
    else params.log.write(`${line}\n`);
  });
  child.stderr.on("data", (chunk: Buffer) => params.log.write(chunk));
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    if (lines.length > LAST_LINES) lines.shift();
  });
  let hasEnded = false;
  const end = (result: ProcessEnd) => {
    if (hasEnded) return;
    hasEnded = true;
    params.onEnd(result);
  };
  child.on("error", (error) =>
    end({ kind: "permanent", reason: `cannot run ${params.command.file}: ${error.message}` }),
  );
  child.on("close", (code, signal) => end(describeEnd(code, signal, lines)));
  return {
    identity: child.pid === undefined ? undefined : identifyProcess(child.pid),
    instance: params.instance,
    terminate: (graceMs) => {
      child.stdin.write(`${stopLine(graceMs)}\n`);
      child.kill("SIGTERM");
    },
    kill: () => killGroup(child),
    tell: (line) => child.stdin.write(`${line}\n`),
  };
}

function parseReady(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{"ready":')) return undefined;
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || !("ready" in value)) return undefined;
  const { ready } = value;
  return typeof ready === "object" && ready !== null ? { ...ready } : undefined;
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null, lines: readonly string[]): ProcessEnd {
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  // What was killed did not know why: its last line explains nothing unless it is an error.
  const last = lines.findLast((line) => line.includes('"error"')) ?? (signal ? undefined : lines.at(-1));
  const reason = last === undefined ? how : `${how}: ${messageOf(last)}`;
  // These ends are the component's own word, complete in itself.
  const word = last === undefined ? how : messageOf(last);
  if (code === EXIT.configuration) return { kind: "permanent", reason: word };
  if (code === EXIT.temporary || code === EXIT.io) return { kind: "temporary", reason: word };
  return { kind: "crash", reason };
}

function messageOf(line: string): string {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("message" in value)) return line;
    const hint = "hint" in value && typeof value.hint === "string" ? ` (${value.hint})` : "";
    return `${String(value.message)}${hint}`;
  } catch {
    return line;
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL"); // no group of its own any more
  }
}
