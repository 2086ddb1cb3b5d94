import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { validateDefinition } from "./validate-document.ts";

const data = resolve(process.env.STIGMER_TEST_DATA ?? join(import.meta.dirname, "../../../../../shared/data"));
const isPresent = existsSync(join(data, "dsl-examples"));
if (!isPresent) console.log(`official examples are not tested: ${data} is absent`);

function filesOf(folder: string): readonly (readonly [string, string])[] {
  if (!isPresent) return [];
  const names = readdirSync(join(data, folder)).sort();
  return names.map((name) => [name, readFileSync(join(data, folder, name), "utf8")] as const);
}

const examples = filesOf("dsl-examples");
/** One official example is a file without a byte in it. */
const written = examples.filter(([, text]) => text !== "");

describe.runIf(isPresent)("official examples", () => {
  test("are all there", () => {
    expect(examples).toHaveLength(66);
    expect(examples.length - written.length).toBeLessThanOrEqual(1);
  });

  test.for(written)("%s is accepted", ([, text]) => {
    expect(validateDefinition(text).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test.for(written)("%s is accepted with the new organisation's names", ([, text]) => {
    const renamed = text.replaceAll("serverlessworkflow.io", "open-workflow-specification.org");
    expect(validateDefinition(renamed).filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

const refusals: Readonly<Record<string, readonly string[]>> = {
  "extra-property-in-call.yaml": ["12:7 unknown-field"],
  "listen-any-until-any-until.yaml": ["7:1 duplicate-key", "14:13 unknown-field"],
  "two-tasks-in-one-item.yaml": ["12:5 one-task-per-item"],
};

describe.runIf(isPresent)("official invalid definitions", () => {
  test.for(filesOf("dsl-invalid"))("%s is refused at its place", ([name, text]) => {
    const errors = validateDefinition(text).filter(({ severity }) => severity === "error");
    expect(errors.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual(refusals[name]);
  });
});

/** Definitions inside doc strings of the conformance kit. */
function definitionsOf(feature: string): readonly string[] {
  const blocks = [...feature.matchAll(/with definition:\s*\n([ \t]*)"""(?:yaml|json)?[ \t]*\n([\s\S]*?)\n[ \t]*"""/g)];
  return blocks.map(([, indent = "", body = ""]) =>
    body
      .split("\n")
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
      .join("\n"),
  );
}

describe.runIf(isPresent)("definitions of the conformance kit", () => {
  const all = filesOf("ctk").flatMap(([name, text]) =>
    definitionsOf(text).map((definition, index) => [`${name} ${index + 1}`, definition] as const),
  );

  test("are found", () => {
    expect(all.length).toBeGreaterThanOrEqual(21);
  });

  test.for(all)("%s is accepted", ([, definition]) => {
    expect(validateDefinition(definition).filter(({ severity }) => severity === "error")).toEqual([]);
  });
});
