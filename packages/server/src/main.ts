import { homePaths, resolveHome, runComponent } from "@stigmer/lifecycle";
import { toComponentFailure } from "./component-failure.ts";
import { createServer } from "./create-server.ts";
import { runRestore } from "./system/run-restore.ts";

const restoreAt = process.argv.indexOf("--restore");
const restorePath = restoreAt === -1 ? undefined : process.argv[restoreAt + 1];

if (restoreAt === -1) serve();
else await runRestore(restorePath, homePaths(resolveHome(process.env)));

/** Runs the server as a component. */
function serve(): void {
  runComponent({
    component: "server",
    start: async ({ environment, log, redactor, fail }) => {
      const toFailure = (error: unknown) => toComponentFailure(error, environment.home);
      try {
        const server = await createServer({ environment, log, redactor, onFailure: (error) => fail(toFailure(error)) });
        return { ready: { address: server.address, socket: server.socket }, stop: () => server.close() };
      } catch (error) {
        throw toFailure(error);
      }
    },
  });
}
