import { homePaths, resolveHome, runComponent } from "@stigmer/lifecycle";
import { toComponentFailure } from "./component-failure.ts";
import { createServer, type OpenServer } from "./create-server.ts";
import { runRestore } from "./system/run-restore.ts";

const restoreAt = process.argv.indexOf("--restore");
const restorePath = restoreAt === -1 ? undefined : process.argv[restoreAt + 1];

if (restoreAt === -1) serve();
else void runRestore(restorePath, homePaths(resolveHome(process.env)));

/** Runs the server as a component. */
function serve(): void {
  let server: OpenServer | undefined;
  runComponent({
    component: "server",
    onParentLine: (line) => {
      const instance = readGoneInstance(line);
      if (instance !== undefined) server?.engine.runnerGone(instance);
    },
    start: async ({ environment, log, redactor, fail }) => {
      const toFailure = (error: unknown) => toComponentFailure(error, environment.home);
      try {
        const opened = await createServer({ environment, log, redactor, onFailure: (error) => fail(toFailure(error)) });
        server = opened;
        return { ready: { address: opened.address, socket: opened.socket }, stop: () => opened.close() };
      } catch (error) {
        throw toFailure(error);
      }
    },
  });
}

/** The supervisor's word `{"gone":{"instance":…}}` that a runner's process has ended; undefined for other lines. */
function readGoneInstance(line: string): string | undefined {
  const match = /^\{"gone":\{"instance":("(?:[^"\\]|\\.)*")\}\}$/.exec(line.trim());
  return match?.[1] === undefined ? undefined : String(JSON.parse(match[1]));
}
