import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseDocument } from "yaml";
import { usageError } from "../cli-error.ts";
import type { CliContext } from "../command.ts";
import { readIfThere, settingsOfCall } from "../platform/settings-of-call.ts";
import { SETTINGS, type SettingDefinition } from "./settings.ts";

/** The definition of a setting by its key. */
export function findSetting(key: string): SettingDefinition {
  const known = SETTINGS.find((setting) => setting.key === key);
  if (known) return known;
  throw usageError(
    `Cannot use setting "${key}": it is not one of ${SETTINGS.map((setting) => setting.key).join(", ")}`,
  );
}

/** Writes (or with undefined removes) one key of `config.yaml`; comments and other keys stay. */
export function editConfig(context: CliContext, key: string, value: string | number | undefined): void {
  settingsOfCall(context); // a file that cannot be read is reported, never overwritten
  const { config } = context.paths;
  const document = parseDocument(readIfThere(config) ?? "");
  if (value === undefined) document.delete(key);
  else document.set(key, value);
  mkdirSync(dirname(config), { recursive: true, mode: 0o700 });
  const draft = `${config}.${process.pid}`;
  writeFileSync(draft, document.contents === null ? "" : document.toString(), { mode: 0o600, flush: true });
  renameSync(draft, config);
}
