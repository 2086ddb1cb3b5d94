import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { type HomePaths, IS_PACKAGED } from "@stigmer/lifecycle";
import { CliError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { printObject } from "../print.ts";
import { reinstallAdvice, resolveComponentCommand } from "../supervisor/component-commands.ts";
import { isPlatformAlive, readStateFile } from "../supervisor/state-file.ts";

/** Puts a backup in the place of the data, while nothing runs; what stood there is moved aside. */
export async function run(call: CommandCall): Promise<number> {
  const { paths, env, terminal } = call.context;
  if (isPlatformAlive(readStateFile(paths.state))) {
    throw new CliError({
      reason: "RESTORE_BLOCKED",
      message: "Cannot restore: the platform of this home is running",
      next: "stigmer down",
    });
  }
  const path = resolve(call.args[0] ?? "");
  const answer = restoreByServer(paths, env, path);
  if (answer.error) {
    const { reason, message, hint } = answer.error;
    throw new CliError({ reason, message, next: hint === "" ? undefined : hint });
  }
  const restored = answer.restored ?? { path };
  for (const name of restored.lostSecrets ?? [])
    terminal.err(`secret ${name} could not be restored: its key is missing\n`);
  const aside = restored.previous === undefined ? "" : `; what stood there is now ${restored.previous}`;
  await printObject(call, { data: restored, name: path, text: `restored ${path}${aside}` });
  return 0;
}

interface RestoreAnswer {
  readonly restored?: { readonly path: string; readonly previous?: string; readonly lostSecrets?: readonly string[] };
  readonly error?: { readonly reason: string; readonly message: string; readonly hint: string };
}

/** Only the server touches its data, so the server's own mode does it and answers in one line. */
function restoreByServer(paths: HomePaths, env: NodeJS.ProcessEnv, path: string): RestoreAnswer {
  const command = resolveComponentCommand({
    component: "server",
    env,
    home: paths.home,
    versionFolder: IS_PACKAGED ? realpathSync(paths.bin) : undefined,
    reinstall: reinstallAdvice(process.execPath),
  });
  const { stdout, stderr } = spawnSync(command.file, [...command.args, "--restore", path], {
    env: { ...env, STIGMER_HOME: paths.home },
    encoding: "utf8",
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (line.startsWith("{")) return JSON.parse(line) as RestoreAnswer;
  return { error: { reason: "UNEXPECTED", message: `Cannot restore: ${stderr.trim()}`, hint: "stigmer doctor" } };
}
