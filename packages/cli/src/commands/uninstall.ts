import { rmSync } from "node:fs";
import { usageError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { stopPlatform } from "../platform/stop-platform.ts";

/** Stops the platform and removes what it unpacked; data, tokens and keys only with `--data`. */
export async function run(call: CommandCall): Promise<number> {
  const { paths, terminal } = call.context;
  const withData = call.options.isSet("data");
  const doomed = [paths.bin, paths.versions, paths.cache, paths.run, paths.logs];
  if (withData) doomed.push(paths.data, paths.auth, paths.config);
  if (!call.options.isSet("yes")) {
    terminal.err(`This removes:\n${doomed.map((path) => `  ${path}`).join("\n")}\n`);
    throw usageError("Cannot uninstall without being told to: nothing was removed", "stigmer uninstall --yes");
  }
  await stopPlatform({ paths, manner: "drain" });
  for (const path of doomed) rmSync(path, { recursive: true, force: true });
  terminal.err(withData ? `removed everything of ${paths.home}\n` : `removed; your data stays in ${paths.data}\n`);
  return 0;
}
