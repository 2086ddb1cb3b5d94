// The same program on DBOS. argv: URL of its PostgreSQL database
import { DBOS } from "@dbos-inc/dbos-sdk";
import { post } from "./post.mjs";
import { serveRuns } from "./serve-runs.mjs";

DBOS.setConfig({ name: "steps", systemDatabaseUrl: process.argv[2], logLevel: "error", runAdminServer: false });
const run = DBOS.registerWorkflow(
  async ({ steps, address }) => {
    for (let at = 0; at < steps; at++) {
      await DBOS.runStep(async () => (address ? post(address, at) : { step: at }), { name: `step${at}` });
    }
    return steps;
  },
  { name: "steps" },
);
await DBOS.launch();
serveRuns(run);
