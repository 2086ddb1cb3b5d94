import { join } from "node:path";
import { BUILD_ID, VERSION } from "@stigmer/lifecycle";
import type { CommandCall } from "../command.ts";
import { toPlatformSettings } from "../config/settings.ts";
import { describePlatform, renderPlatform } from "../platform/describe-platform.ts";
import { settingsEnvironment, settingsOfCall } from "../platform/settings-of-call.ts";
import { startPlatform } from "../platform/start-platform.ts";
import { printObject } from "../print.ts";

/** Starts the platform, waits until it is truly ready, prints its addresses. */
export async function run(call: CommandCall): Promise<number> {
  const { context } = call;
  const settings = settingsOfCall(context, call.options);
  const env = { ...context.env, ...settingsEnvironment(settings), STIGMER_HOME: context.paths.home };
  if (call.options.isSet("foreground")) return runInForeground(call, env);
  const { state, isNew } = await startPlatform({ paths: context.paths, env });
  const report = describePlatform(state);
  if (!isNew) sayWhatRuns(call, state.version, state.buildId);
  await printObject(call, { data: report, name: report.address ?? "", text: renderPlatform(report, state) });
  return report.health === "healthy" ? 0 : 1;
}

/** A platform that runs already is left alone, also by a newer command. */
function sayWhatRuns(call: CommandCall, version: string, buildId: string): void {
  const { terminal } = call.context;
  if (buildId === BUILD_ID) terminal.err("stigmer is already running\n");
  else terminal.err(`stigmer ${version} is running, this is ${VERSION}: stigmer restart changes over\n`);
}

async function runInForeground(call: CommandCall, env: NodeJS.ProcessEnv): Promise<number> {
  const { runSupervisor } = await import("../supervisor/run-supervisor.ts");
  const { runningVersionFolder } = await import("../supervisor/component-commands.ts");
  const { context } = call;
  const supervisor = await runSupervisor({
    paths: context.paths,
    settings: toPlatformSettings(settingsOfCall(context, call.options)),
    env,
    versionFolder: runningVersionFolder(),
  });
  if (!supervisor) {
    context.terminal.err(`Error: another supervisor holds ${join(context.paths.run, "supervisor.lock")}\n`);
    return 1;
  }
  const stop = () => supervisor.stop();
  process.once("SIGTERM", stop);
  context.interrupted.addEventListener("abort", stop);
  const started = await supervisor.started;
  if ("state" in started) context.terminal.out(renderPlatform(describePlatform(started.state), started.state));
  else context.terminal.err(`Error: ${started.failed}\n`);
  return (await supervisor.finished) === undefined ? 0 : 1;
}
