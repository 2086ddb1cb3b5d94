import { describe, expect, test } from "vitest";
import { type ManifestFile, parseManifest } from "./manifest.ts";

const file: ManifestFile = { path: "lib/cli.cjs", mode: 0o600, sizeBytes: 3, sha256: "ab" };

function text(files: unknown): string {
  return JSON.stringify({ id: "1.0.0+a", version: "1.0.0", files });
}

describe("parseManifest()", () => {
  test("gives back what was written", () => {
    expect(parseManifest(text([file]))).toEqual({ id: "1.0.0+a", version: "1.0.0", files: [file] });
  });

  test.each([
    { why: "no JSON", input: "{" },
    { why: "no object", input: "null" },
    { why: "no files", input: text(undefined) },
    { why: "a file without a digest", input: text([{ ...file, sha256: undefined }]) },
    { why: "a file outside the folder", input: text([{ ...file, path: "../cli.cjs" }]) },
    { why: "a file in the middle of outside", input: text([{ ...file, path: "lib/../../cli.cjs" }]) },
    { why: "an absolute path", input: text([{ ...file, path: "/etc/passwd" }]) },
  ])("refuses $why", ({ input }) => {
    expect(() => parseManifest(input)).toThrow();
  });
});
