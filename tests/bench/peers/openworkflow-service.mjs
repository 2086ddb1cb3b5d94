// The same program on OpenWorkflow. argv: file of its SQLite database
import { OpenWorkflow } from "openworkflow";
import { BackendSqlite } from "openworkflow/sqlite";
import { post } from "./post.mjs";
import { serveRuns } from "./serve-runs.mjs";

const ow = new OpenWorkflow({ backend: BackendSqlite.connect(process.argv[2]) });
const steps = ow.defineWorkflow({ name: "steps" }, async ({ input, step }) => {
  for (let at = 0; at < input.steps; at++) {
    await step.run({ name: `step${at}` }, async () => (input.address ? post(input.address, at) : { step: at }));
  }
  return input.steps;
});
await ow.newWorker({ concurrency: 50 }).start();
serveRuns(async (input) => (await steps.run(input)).result());
