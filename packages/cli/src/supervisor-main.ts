import { readFileSync } from "node:fs";
import { EXIT, homePaths, resolveHome } from "@stigmer/lifecycle";
import { resolveSettings, toPlatformSettings } from "./config/settings.ts";
import { runningVersionFolder } from "./supervisor/component-commands.ts";
import { runSupervisor } from "./supervisor/run-supervisor.ts";

/**
 * The supervisor's process. It says on stdout, in one JSON line, how the start ended: `{"state":…}`, `{"failed":…}`,
 * or `{"busy":true}` when another supervisor holds the home. Nothing is written there later: the reader may be gone.
 */
async function main(): Promise<void> {
  const paths = homePaths(resolveHome(process.env));
  const fileText = readConfig(paths.config);
  const settings = toPlatformSettings(
    resolveSettings({ flags: {}, env: process.env, fileText, filePath: paths.config }),
  );
  const supervisor = await runSupervisor({
    paths,
    settings,
    env: process.env,
    versionFolder: runningVersionFolder(),
  });
  if (!supervisor) {
    process.stdout.write('{"busy":true}\n');
    return;
  }
  process.on("SIGTERM", () => supervisor.stop()).on("SIGINT", () => supervisor.stop());
  process.stdout.on("error", () => {}); // the command that started us may have gone
  process.stdout.write(`${JSON.stringify(await supervisor.started)}\n`);
  const failed = await supervisor.finished;
  process.exitCode = failed === undefined ? EXIT.ok : EXIT.unexpected;
}

function readConfig(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

main().catch((error: unknown) => {
  process.stdout.write(`${JSON.stringify({ failed: error instanceof Error ? error.message : String(error) })}\n`);
  process.exitCode = EXIT.configuration;
});
