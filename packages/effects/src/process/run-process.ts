import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Command, endRecordedGuard, type GuardedOutcome, runGuarded } from "@stigmer/lifecycle";
import type { EffectContext } from "../effect-context.ts";
import { failure } from "../fail.ts";
import { asText, type JsonObject } from "../read-input.ts";

/** What all processes of effects share. */
export interface ProcessOptions {
  /** How to start a guard. */
  readonly guard: Command;
  /** How to start a JavaScript task in our own executable. */
  readonly script: Command;
  /** Standard output and error together; 10 MB when absent. */
  readonly maxOutputBytes: number;
}

/** One process of an effect. */
export interface RunProcessParams {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Text behind file descriptor 3. */
  readonly payload?: string;
}

/** Runs a process of an effect under a guard, in the execution's workspace and with its private HOME. */
export async function runProcess(
  params: RunProcessParams,
  context: EffectContext,
  options: ProcessOptions,
): Promise<GuardedOutcome> {
  const homeDir = context.homeDir ?? join(context.workspaceDir, ".home");
  await mkdir(homeDir, { recursive: true, mode: 0o700 });
  const recordPath = join(homeDir, `.guard-${createHash("sha256").update(context.key).digest("hex").slice(0, 16)}`);
  // A runner that was lost may have left this very effect running.
  await endRecordedGuard(recordPath);
  return runGuarded({
    ...params,
    cwd: context.workspaceDir,
    homeDir,
    guard: options.guard,
    maxOutputBytes: options.maxOutputBytes,
    signal: context.signal,
    recordPath,
  });
}

/**
 * Variables of the environment as the document declares them; scalars as text, everything else as JSON text.
 *
 * @throws {DurableFailure} `configuration` for a name that no environment can hold, or that belongs to stigmer
 */
export function toEnvironment(map: JsonObject): Record<string, string> {
  const entries = Object.entries(map).filter(([, value]) => value !== null);
  for (const [name] of entries) {
    if (name === "" || /[=\0]/.test(name)) throw invalidName(name, "it is empty or holds a sign that no name can");
    if (name.startsWith("STIGMER_")) throw invalidName(name, "names that begin with STIGMER_ belong to stigmer itself");
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, asText(value)]));
}

function invalidName(name: string, why: string) {
  return failure("configuration", {
    detail: `Cannot set the environment variable "${name}": ${why}`,
    retryable: false,
  });
}
