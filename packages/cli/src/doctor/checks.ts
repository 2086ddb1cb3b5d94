import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { CliContext } from "../command.ts";
import { describePlatform } from "../platform/describe-platform.ts";
import { settingsOfCall } from "../platform/settings-of-call.ts";
import { readStateFile } from "../supervisor/state-file.ts";
import type { Check } from "./check.ts";
import { checkFiles } from "./check-files.ts";

/** Least free space that lets the platform work for a while. */
const LEAST_FREE_BYTES = 500_000_000;

/** Looks at everything that people ask about when stigmer does not work. */
export async function runChecks(
  context: CliContext,
  params: { readonly depth: "quick" | "digests" },
): Promise<readonly Check[]> {
  const checks: Check[] = [
    checkHome(context),
    checkSpace(context),
    checkPrivacy(context),
    checkSettings(context),
    checkPlatform(context),
    checkInterpreter("python3", "run: script with language python needs it"),
  ];
  if (params.depth === "digests") checks.push(checkFiles());
  return checks;
}

function checkHome({ paths }: CliContext): Check {
  const folder = existsSync(paths.home) ? paths.home : dirname(paths.home);
  try {
    accessSync(folder, constants.W_OK);
    return { name: "home", result: "ok", detail: paths.home };
  } catch {
    const next = `ls -ld ${folder}, or set STIGMER_HOME to a folder of your own`;
    return { name: "home", result: "failed", detail: `${folder} cannot be written`, next };
  }
}

function checkSpace({ paths }: CliContext): Check {
  const folder = existsSync(paths.home) ? paths.home : dirname(paths.home);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const detail = `${Math.round(free / 1e6)} MB free`;
  if (free >= LEAST_FREE_BYTES) return { name: "disk", result: "ok", detail };
  return { name: "disk", result: "warning", detail, next: `df -h ${folder}` };
}

function checkPrivacy({ paths }: CliContext): Check {
  const open = [paths.clientToken, paths.secretKey].filter(
    (file) => existsSync(file) && (statSync(file).mode & 0o077) !== 0,
  );
  if (open.length === 0) return { name: "privacy", result: "ok", detail: "tokens and keys are yours alone" };
  return {
    name: "privacy",
    result: "failed",
    detail: `others can read ${open.join(", ")}`,
    next: `chmod 600 ${open.join(" ")}`,
  };
}

function checkSettings(context: CliContext): Check {
  try {
    const decided = settingsOfCall(context).filter(({ source }) => source !== "default");
    return { name: "settings", result: "ok", detail: `${decided.length} of your own` };
  } catch (error) {
    return { name: "settings", result: "failed", detail: String(error), next: `edit ${context.paths.config}` };
  }
}

function checkPlatform({ paths }: CliContext): Check {
  const report = describePlatform(readStateFile(paths.state));
  if (report.health === "healthy") return { name: "platform", result: "ok", detail: `serves on ${report.address}` };
  if (report.health === "stopped")
    return { name: "platform", result: "warning", detail: "is not running", next: "stigmer up" };
  const sick = report.components.filter(({ phase }) => phase !== "ready");
  const detail = sick
    .map(({ name, phase, reason }) => `${name} is ${phase}${reason === undefined ? "" : `: ${reason}`}`)
    .join("; ");
  return { name: "platform", result: "failed", detail, next: "stigmer logs" };
}

function checkInterpreter(command: string, purpose: string): Check {
  const found = spawnSync(command, ["--version"], { encoding: "utf8" });
  if (found.status === 0) return { name: command, result: "ok", detail: (found.stdout || found.stderr).trim() };
  return { name: command, result: "warning", detail: `not found; ${purpose}`, next: `install ${command}` };
}
