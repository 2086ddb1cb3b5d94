import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { isAlive, type ProcessIdentity } from "@stigmer/lifecycle";
import type { ComponentName, ComponentPhase, PlatformState } from "./machine.ts";

/** One component in `run/state.json`. */
export interface ComponentReport {
  readonly phase: ComponentPhase;
  readonly process?: ProcessIdentity;
  readonly restarts: number;
  readonly reason?: string;
  /** Path that a development variable put in place. */
  readonly replacedBy?: string;
  readonly readyAt?: string;
}

/** `run/state.json`: what the supervisor knows, written at each change. */
export interface StateFile {
  readonly version: string;
  readonly buildId: string;
  readonly phase: PlatformState["phase"];
  readonly supervisor: ProcessIdentity;
  /** Marks the processes of this start. */
  readonly cookie: string;
  readonly startedAt: string;
  /** `host:port` of the API, once it serves. */
  readonly address?: string;
  readonly socket: string;
  readonly logs: string;
  readonly components: Readonly<Record<ComponentName, ComponentReport>>;
}

/** Replaces the file in one step, so that a reader sees the old or the new state. */
export function writeStateFile(path: string, state: StateFile): void {
  const draft = `${path}.${process.pid}`;
  const file = openSync(draft, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify(state, undefined, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/** The last state written; undefined when there is none or it cannot be read as one. */
export function readStateFile(path: string): StateFile | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isStateFile(value) ? value : undefined;
  } catch {
    return undefined; // never started, or damaged: both mean that nothing is known
  }
}

/** True while the supervisor that wrote the file lives. */
export function isPlatformAlive(state: StateFile | undefined): state is StateFile {
  return state !== undefined && isAlive(state.supervisor);
}

function isStateFile(value: unknown): value is StateFile {
  if (typeof value !== "object" || value === null) return false;
  return "supervisor" in value && "components" in value && "cookie" in value && "phase" in value;
}
