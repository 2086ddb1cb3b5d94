import { writeSync } from "node:fs";
import { openDatabase } from "../store/open-database.ts";
import { createEngine } from "./engine.ts";

// Starts executions without end and prints each id once it is acknowledged; exits 74 when the disk fails.
const [, , dataDir = "", inputBytes = "10"] = process.argv;
const store = await openDatabase({ dataDir });
store.onFailure((error) => {
  writeSync(1, `failed ${error.reason}\n`);
  process.exit(74);
});
const engine = createEngine({ store, resolveDefinition: () => ({ failure: { type: "x", status: 1 } }) });
const spec = {
  program: "workflow",
  namespace: "default",
  kind: "Workflow",
  name: "w",
  digest: "",
  definition: "{}",
  input: { text: "x".repeat(Number(inputBytes)) },
};

async function client(): Promise<void> {
  for (;;) {
    const { id } = await engine.start({ spec });
    writeSync(1, `${id}\n`);
  }
}

await Promise.allSettled(Array.from({ length: 16 }, client));
