import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { Phase } from "@stigmer/api";
import { createClient } from "@stigmer/sdk";
import { createTestHome, type TestHome } from "../e2e/platform-fixture.ts";
import type { Submit } from "./measure.ts";

/** Our platform with the step workflows applied. */
export interface OurSystem {
  readonly platform: TestHome;
  /** Runs a workflow of so many steps to its result. */
  submit(kind: StepKind, steps: number): Submit;
  stop(): Promise<void>;
}

/** `http`: a POST to the stub; `recorded`: an effect without a network, here a published event. */
export type StepKind = "http" | "recorded";

/** Starts the platform; `address` is the stub's, `env` may put a slowed server in the place of the product's. */
export async function startOurs(address: string, env: Readonly<Record<string, string>> = {}): Promise<OurSystem> {
  const platform = createTestHome();
  const up = await platform.run(["up", "--port", "0"], { env });
  if (up.status !== 0) throw new Error(`Cannot start the platform: ${up.stderr}`);
  for (const kind of ["http", "recorded"] as const) {
    for (const steps of [1, 10, 50]) {
      const file = join(platform.home, `${kind}-${steps}.yaml`);
      writeFileSync(file, stepWorkflow(kind, steps));
      const { status, stderr } = await platform.run(["apply", "-f", file]);
      if (status !== 0) throw new Error(stderr);
    }
  }
  const client = createClient({ socketPath: join(platform.home, "run/stigmer.sock") });
  const input = fromJson(ValueSchema, { address });
  return {
    platform,
    submit: (kind, steps) => async () => {
      const start = { target: { kind: "Workflow", namespace: "bench", name: `${kind}-${steps}` }, input };
      for await (const { update } of (await client.executions()).run({ start })) {
        if (update.case === "snapshot" && update.value.phase === Phase.COMPLETED) return update.value.output;
        if (update.case === "snapshot" && update.value.phase === Phase.FAULTED)
          throw new Error(JSON.stringify(update.value.error));
      }
      throw new Error("the stream ended before the execution did");
    },
    stop: () => platform.remove(),
  };
}

function stepWorkflow(kind: StepKind, steps: number): string {
  const step =
    kind === "http"
      ? 'call: http, with: { method: post, endpoint: "${ $workflow.input.address }", body: { step: 1 } }'
      : "emit: { event: { with: { source: https://bench.example/steps, type: bench.step, data: { step: 1 } } } }";
  const tasks = Array.from({ length: steps }, (_, at) => `  - step${at}: { ${step} }`);
  return [
    `document: { dsl: "1.0.3", namespace: bench, name: ${kind}-${steps}, version: "1.0.0" }`,
    "do:",
    ...tasks,
    "",
  ].join("\n");
}
