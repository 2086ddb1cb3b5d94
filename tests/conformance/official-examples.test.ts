import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "@stigmer/dsl";
import { createMemoryHost, VirtualClock } from "@stigmer/durable";
import { type WorkflowProgramInput, workflowProgram } from "@stigmer/interpreter";
import { expect, test } from "vitest";

const FOLDER = join(process.env.STIGMER_TEST_DATA ?? join(import.meta.dirname, "../../../shared/data"), "dsl-examples");
const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => file.endsWith(".yaml")) : [];
/** One official example is a file without a byte in it. */
const examples = files
  .map((file) => ({ file, text: readFileSync(join(FOLDER, file), "utf8") }))
  .filter(({ text }) => text !== "")
  .map(({ file, text }) => ({ file, ...parseDocument(text) }));
const YEAR_MS = 365 * 86_400_000;

test("the official examples are there, or said to be absent", () => {
  if (files.length === 0) console.log(`official examples: no files in ${FOLDER}, they are left out`);
  else expect(examples.filter(({ document }) => document !== undefined)).toHaveLength(examples.length);
});

/** Whatever an example does with services that answer `{}`: it ends, or faults with an error of the specification. */
test.each(examples)("$file comes to an end", async ({ document }) => {
  if (document === undefined) throw new Error("the example was refused");
  const clock = new VirtualClock();
  const host = createMemoryHost({
    programs: { workflow: workflowProgram, service: async () => ({}) },
    clock,
    settle: (done) => void setImmediate(done),
    runEffect: async ({ kind, input }) => (kind === "emit" ? input : {}),
    resolveChild: () => ({ program: "service", input: null }),
  });
  const input: WorkflowProgramInput = {
    definition: document,
    input: {},
    execution: { id: "wex_1", namespace: document.document.namespace, startedAtMs: clock.now() },
    runtime: { name: "stigmer", version: "0.0.0" },
  };
  const execution = host.start({ program: "workflow", input: JSON.parse(JSON.stringify(input)) });
  clock.setTimer(clock.now() + YEAR_MS, () => execution.cancel());
  const end = await execution.ended;
  if (end.kind !== "failed") return expect(["completed", "cancelled"]).toContain(end.kind);
  expect(end.failure).toMatchObject({ status: expect.any(Number), instance: expect.stringMatching(/^\//) });
  const ours = ["configuration", "validation", "expression", "runtime", "timeout"];
  const type = end.failure.type.replace("https://serverlessworkflow.io/spec/1.0.0/errors/", "");
  expect(ours.includes(type) || JSON.stringify(document).includes(end.failure.type)).toBe(true);
});
