import { readFileSync } from "node:fs";
import { CLI_EXIT, CliError } from "../cli-error.ts";
import type { CliContext, CommandOptions } from "../command.ts";
import { type EffectiveSetting, resolveSettings, SETTINGS, SettingError } from "../config/settings.ts";

/**
 * The settings that hold for a call: its flags, the environment, `config.yaml`, the defaults.
 *
 * @throws {CliError} INVALID_SETTING
 */
export function settingsOfCall(context: CliContext, options?: CommandOptions): readonly EffectiveSetting[] {
  try {
    return resolveSettings({
      flags: Object.fromEntries(SETTINGS.map(({ key }) => [key, options?.text(key)])),
      env: context.env,
      fileText: readIfThere(context.paths.config),
      filePath: context.paths.config,
    });
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    throw new CliError({
      reason: "INVALID_SETTING",
      message: error.message,
      where: error.where,
      next: "stigmer config list",
      exitCode: CLI_EXIT.usage,
    });
  }
}

/** The environment that carries the settings to the supervisor. */
export function settingsEnvironment(settings: readonly EffectiveSetting[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    SETTINGS.map(({ key, variable }) => [
      variable,
      String(settings.find((setting) => setting.key === key)?.value ?? ""),
    ]),
  );
}

/** The text of a file; undefined when there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
