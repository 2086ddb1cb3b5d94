import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseText, type WorkflowDocument } from "@stigmer/dsl";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkStep } from "./check-step.ts";
import { readFeature, type Scenario } from "./read-feature.ts";
import { runLocally } from "./run-locally.ts";
import { type StubServer, startStubServer } from "./stub-server.ts";

const FOLDER = join(process.env.STIGMER_TEST_DATA ?? join(import.meta.dirname, "../../../shared/data"), "ctk");

/** Scenarios that need what this version does not run yet; they must fault with exactly that reason. */
const NOT_SUPPORTED_YET: ReadonlySet<string> = new Set([
  "Call OpenAPI With Content Output",
  "Call OpenAPI With Response Output",
]);

const features = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => file.endsWith(".feature")) : [];

let stub: StubServer;

beforeAll(async () => {
  stub = await startStubServer();
});

afterAll(() => stub.close());

test("the conformance kit is there, or said to be absent", () => {
  if (features.length === 0) console.log(`conformance kit: no files in ${FOLDER}, its scenarios are left out`);
  else expect(features.length).toBeGreaterThanOrEqual(11);
});

describe.each(features)("%s", (file) => {
  test.each([...readFeature(readFileSync(join(FOLDER, file), "utf8"))])("$name", async (scenario) => {
    await runScenario(scenario);
  });
});

async function runScenario(scenario: Scenario): Promise<void> {
  const [definition, input] = ["a workflow with definition:", "the workflow input is:"].map((text) => {
    const step = scenario.steps.find((one) => one.text.replace(/^given /i, "") === text);
    return step?.docString === undefined ? undefined : parseText(step.docString).value;
  });
  expect(scenario.steps.map(({ text }) => text)).toContain("the workflow is executed");
  const report = await runLocally({
    definition: definition as WorkflowDocument,
    input: input ?? {},
    rewrite: stub.rewrite,
  });
  if (NOT_SUPPORTED_YET.has(scenario.name)) {
    expect(report.error).toMatchObject({ title: "Not Supported" });
    return;
  }
  const executed = scenario.steps.findIndex(({ text }) => text === "the workflow is executed");
  const checks = scenario.steps.slice(executed + 1);
  expect(checks.length).toBeGreaterThan(0);
  for (const step of checks) checkStep(step, report);
}
