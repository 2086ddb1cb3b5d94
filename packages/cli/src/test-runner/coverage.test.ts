import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coveredPercent, renderCoverage } from "./coverage.ts";
import { runTests } from "./run-tests.ts";

const FLOW = `document: { dsl: "1.0.3", namespace: shop, name: flow, version: "1.0.0" }
use:
  functions:
    double:
      do:
        - twice: { set: "\${ .n * 2 }" }
        - never: { if: "\${ . > 100 }", set: 0 }
do:
  - choose:
      switch:
        - big: { when: .n > 10, then: large }
        - small: { when: .n > 5, then: leave }
        - other: { then: continue }
  - next:
      call: double
      with: { n: "\${ .n }" }
      then: leave
  - large:
      try:
        - fail: { raise: { error: { type: about:x, status: 500 } } }
      catch:
        do:
          - mend: { set: { n: 0 } }
  - leave: { if: "\${ . != 0 }", set: { done: true } }
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmer-coverage-"));
  writeFileSync(join(folder, "flow.yaml"), FLOW.replaceAll("set: 0", 'set: "${ 0 }"'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function cover(...inputs: readonly number[]) {
  const tests = inputs.map((n) => `  - { name: "${n}", input: { n: ${n} } }\n`).join("");
  const file = join(folder, "flow.test.yaml");
  writeFileSync(file, `workflow: flow.yaml\ntests:\n${tests}`);
  const signal = new AbortController().signal;
  const params = { files: [file], snapshots: "compare", coverage: "on", signal, onOutcome: () => {} } as const;
  const { coverage = [], outcomes, invalid } = await runTests(params);
  expect(invalid).toEqual([]);
  expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
  return coverage;
}

describe("coverage", () => {
  test("names what no test came to, with its line", async () => {
    const coverage = await cover(7);
    expect(coverage[0]).toMatchObject({
      document: "shop/flow:1.0.0",
      tasks: { covered: 2, all: 9 },
      branches: { covered: 2, all: 8 },
    });
    expect(renderCoverage(coverage).replaceAll(folder, "")).toBe(`DOCUMENT         TASKS  BRANCHES  COVERED
shop/flow:1.0.0  2/9    2/8       23.5 %
  /flow.yaml:4: never /use/functions/double
  /flow.yaml:6: never /use/functions/double/do/0/twice
  /flow.yaml:7: never /use/functions/double/do/1/never
  /flow.yaml:7: never /use/functions/double/do/1/never if true
  /flow.yaml:7: never /use/functions/double/do/1/never if false
  /flow.yaml:11: never /do/0/choose case big
  /flow.yaml:13: never /do/0/choose case other
  /flow.yaml:14: never /do/1/next
  /flow.yaml:18: never /do/2/large
  /flow.yaml:20: never /do/2/large/try/0/fail
  /flow.yaml:21: never /do/2/large catch
  /flow.yaml:23: never /do/2/large/catch/do/0/mend
  /flow.yaml:24: never /do/3/leave if false
`);
  });

  test("adds up over tests, functions and catches too", async () => {
    const coverage = await cover(7, 20, 1, 0);
    expect(coverage[0]?.missed.map(({ name }) => name)).toEqual([
      "/use/functions/double/do/1/never",
      "/use/functions/double/do/1/never if true",
    ]);
    expect(coveredPercent(coverage)).toBe(88.2);
  });
});
