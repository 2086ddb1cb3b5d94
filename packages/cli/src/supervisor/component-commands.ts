import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Command, IS_PACKAGED, roleCommand } from "@stigmer/lifecycle";
import type { ComponentName } from "./machine.ts";

/** Where a component comes from: the extracted files, the source tree, or a development variable. */
export interface ComponentCommand extends Command {
  /** The path that a development variable put in place of the usual one. */
  readonly replacedBy?: string;
}

interface ComponentFile {
  /** Below the folder of a version. */
  readonly file: string;
  readonly variable: string;
  /** Name in messages. */
  readonly title: string;
}

const FILES: Readonly<Record<ComponentName, ComponentFile>> = {
  server: { file: "stigmer-server", variable: "STIGMER_SERVER_BIN", title: "stigmer-server binary" },
  "workflow-runner": {
    file: "workflow-runner",
    variable: "STIGMER_WORKFLOW_RUNNER_BIN",
    title: "workflow-runner binary",
  },
  "agent-runner": {
    file: join("agent-runner", "run.sh"),
    variable: "STIGMER_AGENT_RUNNER_SCRIPT",
    title: "agent-runner script",
  },
};

/** A component cannot be started; the message is complete and printed as it is. */
export class ComponentMissing extends Error {
  override readonly name = "ComponentMissing";
}

export interface ResolveCommandParams {
  readonly component: ComponentName;
  readonly env: NodeJS.ProcessEnv;
  /** The home that is named in messages. */
  readonly home: string;
  /** Folder of the running version; undefined when run from source. */
  readonly versionFolder: string | undefined;
  readonly reinstall: string;
}

/**
 * The command of a component: its development variable if set, else the file of the running version, else (from
 * source) its entry module. Nothing is searched anywhere else.
 *
 * @throws {ComponentMissing} with the message that the user is shown
 */
export function resolveComponentCommand(params: ResolveCommandParams): ComponentCommand {
  const known = FILES[params.component];
  const named = params.env[known.variable];
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new ComponentMissing(`${known.variable} set but file not found: ${named}`);
    return { file: named, args: [], replacedBy: named };
  }
  if (params.env.STIGMER_DEV_MODE === "true") throw new ComponentMissing(missingInDevMode(known));
  if (params.versionFolder === undefined) {
    const { file, args } = roleCommand(params.component);
    return { file, args: [...nodeFlags(params.component), ...args] };
  }
  const file = join(params.versionFolder, known.file);
  if (!isExecutable(file)) throw new ComponentMissing(missingMessage(known, params));
  // The executable ignores NODE_OPTIONS and takes Node's flags from this argument instead.
  return { file, args: [`--node-options=${nodeFlags(params.component).join(" ")}`] };
}

/** Memory settings per role: a larger young generation means fewer collections, a smaller one less memory when idle. */
function nodeFlags(component: ComponentName): readonly string[] {
  return [`--max-semi-space-size=${component === "server" ? 8 : 4}`];
}

/** Folder of the version whose bundle runs; undefined from source. */
export function runningVersionFolder(): string | undefined {
  const bundle = process.argv[1];
  return IS_PACKAGED && bundle !== undefined ? dirname(dirname(realpathSync(bundle))) : undefined;
}

/** What reinstalls stigmer: the package manager's command, else the releases page. */
export function reinstallAdvice(executable: string): string {
  return /\/(Cellar|homebrew|linuxbrew)\//.test(executable)
    ? "brew reinstall stigmer"
    : "https://github.com/stigmer/stigmer/releases";
}

function missingInDevMode(known: ComponentFile): string {
  return [
    `Error: ${known.title} not configured`,
    "",
    "STIGMER_DEV_MODE=true extracts nothing: every component must be named.",
    "",
    "To fix:",
    `  export ${known.variable}=/path/to/${known.file}`,
  ].join("\n");
}

function missingMessage(known: ComponentFile, params: ResolveCommandParams): string {
  return [
    `Error: ${known.title} not found`,
    "",
    `Expected location: ${join(params.home, "bin", known.file)}`,
    "",
    "This usually means the Stigmer CLI installation is corrupted.",
    "",
    "To fix:",
    `  ${params.reinstall}`,
    "",
    "For development, set environment variable:",
    `  export ${known.variable}=/path/to/${known.file}`,
  ].join("\n");
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
