import { BUILD_ID, VERSION } from "@stigmer/lifecycle";
import type { CommandCall } from "../command.ts";
import { printObject } from "../print.ts";
import { isPlatformAlive, readStateFile } from "../supervisor/state-file.ts";

/** Prints the version of this command and of the platform that runs. */
export async function run(call: CommandCall): Promise<number> {
  const state = readStateFile(call.context.paths.state);
  const server = isPlatformAlive(state) ? { version: state.version, buildId: state.buildId } : undefined;
  const data = {
    version: VERSION,
    buildId: BUILD_ID,
    node: process.version,
    ...(server === undefined ? {} : { server }),
  };
  const text = [
    `stigmer  ${VERSION} (${BUILD_ID})`,
    `server   ${server === undefined ? "not running" : `${server.version} (${server.buildId})`}`,
    `node     ${process.version}`,
  ].join("\n");
  await printObject(call, { data, name: VERSION, text });
  return 0;
}
