import { describe, expect, test } from "vitest";
import { findImportBreaches } from "./check-imports.ts";

describe("findImportBreaches()", () => {
  test.each([
    ["packages/dsl/src/a.ts", 'import { compileJq } from "@stigmer/jq";'],
    ["packages/cli/src/a.ts", 'import { x } from "./b.ts";'],
    ["packages/jq/src/a.test.ts", 'import { readFileSync } from "node:fs";'],
    ["packages/runner-link/src/a.test.ts", 'import { suite } from "@stigmer/durable/testsuite";'],
    ["tests/conformance/a.ts", 'import { x } from "../e2e/b.ts";'],
  ])("accepts %s", (path, text) => {
    expect(findImportBreaches([{ path, text }])).toEqual([]);
  });

  test.each([
    ["packages/jq/src/a.ts", 'import { x } from "@stigmer/dsl";', "may not import"],
    ["packages/dsl/src/a.ts", 'import { x } from "@stigmer/jq/src/b.ts";', "goes around the door"],
    ["packages/dsl/src/a.ts", 'import { x } from "../../jq/src/b.ts";', "leaves packages/dsl"],
    ["packages/dsl/src/a.ts", 'import { readFileSync } from "node:fs";', "a pure package imports"],
    ["packages/cli/src/a.ts", 'const x = await import("@stigmer/server");', "may not import"],
    ["packages/cli/src/a.ts", 'import { fork } from "node:child_process";', "re-enter"],
    ["tests/e2e/a.ts", 'import { x } from "@stigmer/server";', "may not import"],
    ["tests/conformance/a.ts", 'import { x } from "../simulation/b.ts";', "leaves tests/conformance"],
    ["tests/conformance/a.ts", 'import { x } from "../../packages/dsl/src/b.ts";', "leaves tests/conformance"],
  ])("refuses in %s: %s", (path, text, message) => {
    expect(findImportBreaches([{ path, text }])).toEqual([expect.stringContaining(message)]);
  });
});
