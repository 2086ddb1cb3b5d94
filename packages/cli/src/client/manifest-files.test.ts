import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CliContext } from "../command.ts";
import { readManifests } from "./manifest-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmer-manifests-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

// Only `-` asks the context for anything, and no test names it.
const context = {} as CliContext;

describe("readManifests()", () => {
  test("takes the definitions of a folder and leaves data and tests beside them alone", async () => {
    writeFileSync(join(folder, "a.yaml"), "document: {dsl: '1.0.3'}\n---\ndocument: {dsl: '1.0.3'}\n");
    writeFileSync(join(folder, "b.json"), '{"document": {"dsl": "1.0.3"}}');
    writeFileSync(join(folder, "input.json"), '{"orders": []}');
    writeFileSync(join(folder, "a.test.yaml"), "workflow: ./a.yaml\n");
    const found = await readManifests([folder], context);
    expect(found.map(({ fileName, line }) => [fileName.slice(folder.length + 1), line])).toEqual([
      ["a.yaml", 1],
      ["a.yaml", 2],
      ["b.json", 1],
    ]);
  });

  test("a file that is named is read whatever it is called", async () => {
    writeFileSync(join(folder, "input.json"), '{"orders": []}');
    expect(await readManifests([join(folder, "input.json")], context)).toHaveLength(1);
  });
});
