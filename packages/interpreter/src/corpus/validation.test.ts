import { type Json, unsupportedFeatures, validateDocument } from "@stigmer/dsl";
import { describe, expect, test } from "vitest";
import { corpusInput, interpreterCorpus } from "./corpus.testsuite.ts";

const corpus = interpreterCorpus();
const definitionOf = (entry: (typeof corpus)[number]): Json =>
  JSON.parse(JSON.stringify(corpusInput(entry, 0).definition));

/** Refused by validation for other reasons than what this version supports. */
const OTHERWISE_REFUSED: ReadonlySet<string> = new Set([
  "another language of expressions",
  "a schema of another format",
]);

describe("validation and the interpreter agree on what is supported", () => {
  const unsupported = corpus.filter(({ file, name }) => file === "unsupported.yaml" && !OTHERWISE_REFUSED.has(name));

  test.each(unsupported)("$name is refused by both", (entry) => {
    expect(unsupportedFeatures(definitionOf(entry)).map(({ code }) => code)).toContain("not-supported-yet");
  });

  test.each(corpus.filter(({ file }) => file !== "unsupported.yaml"))("$name is refused by none", (entry) => {
    expect(unsupportedFeatures(definitionOf(entry))).toEqual([]);
  });
});

test("what runs to its end is valid", () => {
  const running = corpus.filter(({ error, exactError }) => error === undefined && exactError === undefined);
  const problems = running.flatMap((entry) =>
    validateDocument(definitionOf(entry))
      .filter(({ severity }) => severity === "error")
      .map(({ code, pointer, message }) => `${entry.name}: ${code} ${pointer} ${message}`),
  );
  expect(problems).toEqual([]);
});
