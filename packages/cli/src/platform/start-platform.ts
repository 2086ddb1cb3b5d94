import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type HomePaths, roleCommand } from "@stigmer/lifecycle";
import { CLI_EXIT, CliError } from "../cli-error.ts";
import { connectControl } from "../supervisor/control-socket.ts";
import { controlSocketPath } from "../supervisor/run-supervisor.ts";
import type { StateFile } from "../supervisor/state-file.ts";

/** Longest time until everything is ready or has said why not. */
const START_DEADLINE_MS = 60_000;

export interface StartPlatformParams {
  readonly paths: HomePaths;
  /** The supervisor's environment: settings of flags included. */
  readonly env: NodeJS.ProcessEnv;
}

/** A platform that runs, by this call or before it. */
export interface StartedPlatform {
  readonly state: StateFile;
  /** False when it ran already. */
  readonly isNew: boolean;
}

/**
 * Starts the platform, or attaches to the one that runs; any number of calls at the same time give one platform.
 *
 * @throws {CliError} PLATFORM_START_FAILED with the reason of the component that could not start
 */
export async function startPlatform(params: StartPlatformParams): Promise<StartedPlatform> {
  const deadline = AbortSignal.timeout(START_DEADLINE_MS);
  for (;;) {
    const running = await attach(params.paths, deadline);
    if (running) return { state: running, isNew: false };
    const answer = await spawnSupervisor(params, deadline);
    if (answer.kind === "state") return { state: answer.state, isNew: true };
    if (answer.kind === "failed") throw startFailed(answer.reason);
    // Another command was quicker; its supervisor will listen in a moment.
    if (deadline.aborted) throw startFailed("another supervisor holds the home and does not answer");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function attach(paths: HomePaths, deadline: AbortSignal): Promise<StateFile | undefined> {
  const connection = await connectControl(controlSocketPath(paths));
  if (!connection) return undefined;
  const onDeadline = () => connection.close();
  deadline.addEventListener("abort", onDeadline);
  try {
    const answer = await connection.ask({ command: "await-start" });
    if ("state" in answer) return answer.state;
    throw startFailed(answer.failed);
  } finally {
    deadline.removeEventListener("abort", onDeadline);
    connection.close();
  }
}

type SupervisorAnswer =
  | { readonly kind: "state"; readonly state: StateFile }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "busy" };

function spawnSupervisor(params: StartPlatformParams, deadline: AbortSignal): Promise<SupervisorAnswer> {
  const errors = openErrorLog(params.paths.logs);
  const command = roleCommand("supervisor");
  const child = spawn(command.file, command.args, {
    env: params.env,
    detached: true,
    cwd: params.paths.home,
    stdio: ["ignore", "pipe", errors],
  });
  closeSync(errors);
  const { stdout } = child;
  if (!stdout) throw startFailed("the supervisor has no standard output");
  return new Promise((resolve) => {
    const settle = (answer: SupervisorAnswer) => {
      stdout.destroy();
      child.unref();
      resolve(answer);
    };
    createInterface({ input: stdout }).once("line", (line) => settle(parseAnswer(line)));
    child.once("error", (error) => settle({ kind: "failed", reason: error.message }));
    child.once("exit", (code) => settle({ kind: "failed", reason: `the supervisor ended with exit code ${code}` }));
    deadline.addEventListener("abort", () => settle({ kind: "failed", reason: "it was not ready within 60 s" }));
  });
}

/** Where a supervisor that dies says its last words. */
function openErrorLog(folder: string): number {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(join(folder, "supervisor-errors.log"), "a", 0o600);
  } catch (error) {
    throw startFailed(`cannot write into "${folder}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseAnswer(line: string): SupervisorAnswer {
  const value = JSON.parse(line) as { state?: StateFile; failed?: string; busy?: boolean };
  if (value.state) return { kind: "state", state: value.state };
  return value.busy ? { kind: "busy" } : { kind: "failed", reason: value.failed ?? "it gave no reason" };
}

function startFailed(reason: string): CliError {
  const isComplete = /^(Error:|STIGMER_)/.test(reason);
  // A component ends its reason with the command that helps, in brackets.
  const advice = /^(.*) \(([^()]+)\)$/s.exec(reason);
  return new CliError({
    reason: "PLATFORM_START_FAILED",
    message: isComplete ? reason : `Cannot start the platform: ${advice?.[1] ?? reason}`,
    next: isComplete ? undefined : (advice?.[2] ?? "stigmer logs"),
    exitCode: CLI_EXIT.failure,
  });
}
