import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { BUILD_PLACEHOLDER, type BuiltFile } from "./bundle.ts";
import { buildDigest, compressCached, describePayload, stampBuild } from "./payload.ts";

const file: BuiltFile = {
  path: "lib/cli.cjs",
  mode: 0o600,
  content: Buffer.from(`const id="1.0.0+${BUILD_PLACEHOLDER}"`),
};

describe("buildDigest()", () => {
  test("is as long as the placeholder that it replaces", () => {
    expect(buildDigest([file])).toMatch(/^[0-9a-f]+$/);
    expect(buildDigest([file])).toHaveLength(BUILD_PLACEHOLDER.length);
  });

  test.each([
    { what: "content", other: { ...file, content: Buffer.from("x") } },
    { what: "path", other: { ...file, path: "lib/cli2.cjs" } },
    { what: "mode", other: { ...file, mode: 0o700 } },
  ])("changes with the $what", ({ other }) => {
    expect(buildDigest([other])).not.toBe(buildDigest([file]));
  });
});

describe("stampBuild()", () => {
  test("writes the digest in place of the placeholder without changing the size", () => {
    const stamped = stampBuild(file, "0123456789ab");
    expect(stamped.content.toString()).toBe('const id="1.0.0+0123456789ab"');
    expect(stamped.content.length).toBe(file.content.length);
  });

  test("leaves a file without the placeholder alone", () => {
    const binary = { ...file, content: Buffer.from([0, 255, 1]) };
    expect(stampBuild(binary, "0123456789ab")).toBe(binary);
  });
});

describe("describePayload()", () => {
  test("names the version folder and digests every file", () => {
    const manifest = describePayload("1.0.0", "0123456789ab", [{ ...file, content: Buffer.from("abc") }]);
    expect(manifest).toEqual({
      id: "1.0.0+0123456789ab",
      version: "1.0.0",
      files: [
        {
          path: "lib/cli.cjs",
          mode: 0o600,
          sizeBytes: 3,
          sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        },
      ],
    });
  });
});

describe("compressCached()", () => {
  test("compresses once and gives the same file for the same content", () => {
    const folder = mkdtempSync(join(tmpdir(), "stigmer-zstd-"));
    try {
      const content = Buffer.from("stigmer ".repeat(1000));
      const packed = compressCached(content, folder, 3);
      expect(compressCached(content, folder, 3)).toBe(packed);
      expect(readdirSync(folder)).toHaveLength(1);
      expect(zstdDecompressSync(readFileSync(packed)).equals(content)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
