import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseText } from "@stigmer/dsl";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestPlatform } from "../e2e/platform-fixture.ts";
import { checkStep } from "./check-step.ts";
import { readFeature, type Scenario } from "./read-feature.ts";
import { runByCommand } from "./run-by-command.ts";
import type { RunDocument } from "./run-document.ts";
import { runLocally } from "./run-locally.ts";
import { runOnPlatform } from "./run-on-platform.ts";
import { type StubServer, startStubServer } from "./stub-server.ts";

const FOLDER = join(process.env.STIGMER_TEST_DATA ?? join(import.meta.dirname, "../../../shared/data"), "ctk");

const features = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => file.endsWith(".feature")) : [];

/** A host of the product and the services that its documents call. */
interface Host {
  readonly run: RunDocument;
  readonly stub: StubServer;
  stop(): Promise<void>;
}

const HOSTS: Readonly<Record<string, () => Promise<Host>>> = {
  "memory host": () => startHost(runLocally),
  "stigmer run --local": () => startHost(runByCommand),
  "running platform": startPlatform,
};

async function startHost(run: RunDocument): Promise<Host> {
  const stub = await startStubServer("public");
  return { run, stub, stop: stub.close };
}

async function startPlatform(): Promise<Host> {
  const stub = await startStubServer("here");
  const platform = await startTestPlatform();
  const stop = async () => {
    await platform.remove();
    await stub.close();
  };
  return { run: runOnPlatform(platform), stub, stop };
}

test("the conformance kit is there, or said to be absent", () => {
  if (features.length === 0) console.log(`conformance kit: no files in ${FOLDER}, its scenarios are left out`);
  else expect(features.length).toBeGreaterThanOrEqual(11);
});

test.runIf(features.length > 0)("the kit has 21 scenarios", () => {
  // Files of the unreleased main branch (`raise.main.feature`) come on top.
  const released = features.filter((file) => !file.includes(".main."));
  expect(released.flatMap(scenariosOf)).toHaveLength(21);
});

describe.runIf(features.length > 0).each(Object.entries(HOSTS))("%s", (_name, start) => {
  let host: Host;

  beforeAll(async () => {
    host = await start();
  });

  afterAll(() => host.stop());

  describe.each(features)("%s", (file) => {
    test.each([...scenariosOf(file)])("$name", async (scenario) => {
      await runScenario(scenario, host);
    });
  });
});

function scenariosOf(file: string): readonly Scenario[] {
  return readFeature(readFileSync(join(FOLDER, file), "utf8"));
}

async function runScenario(scenario: Scenario, { run, stub }: Host): Promise<void> {
  const definition = docStringOf(scenario, "a workflow with definition:");
  const input = docStringOf(scenario, "the workflow input is:");
  const executed = scenario.steps.findIndex(({ text }) => text === "the workflow is executed");
  const checks = scenario.steps.slice(executed + 1);
  expect([definition === undefined, executed > 0, checks.length > 0]).toEqual([false, true, true]);
  const report = await run({
    definition: definition ?? "",
    rewrite: stub.rewrite,
    ...(input === undefined ? {} : { input: parseText(input).value ?? null }),
  });
  if (report.status === "invalid") throw new Error(`the definition was refused: ${JSON.stringify(report)}`);
  for (const step of checks) checkStep(step, report);
}

/** The doc string of a step; the kit writes both "And given …" and "Given …". */
function docStringOf(scenario: Scenario, text: string): string | undefined {
  return scenario.steps.find((step) => step.text === text)?.docString;
}
