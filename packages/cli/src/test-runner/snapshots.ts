import { readFileSync, writeFileSync } from "node:fs";
import type { Json } from "@stigmer/dsl";
import { equalJson } from "@stigmer/jq";
import { CLI_EXIT, CliError } from "../cli-error.ts";
import type { Mismatch } from "./expectation.ts";
import { isMap } from "./match-json.ts";

/** The outputs that tests of one file are compared with. */
export interface Snapshots {
  /** Compares, or takes the output where snapshots are updated. */
  check(testName: string, output: Json, pointer: string): readonly Mismatch[];
  /** Writes the file when it changed; snapshots of tests that are gone go too. @param testNames with a snapshot */
  save(testNames: readonly string[]): void;
}

/** Snapshots of a test file, kept beside it as `<name>.snapshots.json`. */
export function openSnapshots(testFile: string, mode: "compare" | "update"): Snapshots {
  const fileName = testFile.replace(/\.(ya?ml|json)$/, ".snapshots.json");
  const before = readSnapshots(fileName);
  const kept = new Map(Object.entries(before));
  return {
    check(testName, output, pointer) {
      const expected = kept.get(testName);
      if (mode === "update") kept.set(testName, output);
      else if (expected === undefined) {
        return [{ pointer, message: `There is no snapshot of "${testName}" yet; run it with --update-snapshots` }];
      } else if (!equalJson(expected, output)) {
        const message = "The output differs from its snapshot; --update-snapshots takes the new one";
        return [{ pointer, message, compare: { expected, actual: output } }];
      }
      return [];
    },
    save(testNames) {
      const names = [...kept.keys()].filter((name) => testNames.includes(name)).sort();
      const after = Object.fromEntries(names.map((name) => [name, kept.get(name) ?? null]));
      if (mode === "compare" || equalJson(before, after)) return;
      writeFileSync(fileName, `${JSON.stringify(after, undefined, 2)}\n`);
    },
  };
}

function readSnapshots(fileName: string): { readonly [name: string]: Json } {
  let text: string;
  try {
    text = readFileSync(fileName, "utf8");
  } catch {
    return {};
  }
  const value = parseJson(text);
  if (isMap(value)) return value;
  throw new CliError({
    reason: "INVALID_INPUT",
    message: `Cannot compare with "${fileName}": it is no map of snapshots`,
    where: fileName,
    next: "stigmer test --update-snapshots",
    exitCode: CLI_EXIT.usage,
  });
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
