import { describe, expect, test } from "vitest";
import { extractionFailed, reinstallAdvice, unsupportedPlatform, versionChange } from "./messages.ts";

describe("extractionFailed()", () => {
  test("is the block of the users' specification", () => {
    const text = extractionFailed({
      cause: "disk full",
      home: "/home/ann/.stigmer",
      executable: "/home/ann/bin/stigmer",
    });
    expect(text).toBe(
      [
        "Error: Failed to extract embedded binaries",
        "",
        "Details: disk full",
        "",
        "This may indicate:",
        "- Insufficient disk space",
        "- Permissions issue with /home/ann/.stigmer directory",
        "- Corrupted CLI installation",
        "",
        "To fix:",
        "  1. Check disk space: df -h /home/ann/.stigmer",
        "  2. Check permissions: ls -la /home/ann/.stigmer",
        "  3. Reinstall: https://github.com/stigmer/stigmer/releases",
        "",
      ].join("\n"),
    );
  });
});

describe("unsupportedPlatform()", () => {
  test("is the block of the users' specification", () => {
    expect(unsupportedPlatform("linux/386")).toBe(
      [
        "Error: Unsupported platform: linux/386",
        "",
        "Stigmer CLI supports:",
        "  - macOS arm64 (Apple Silicon)",
        "  - macOS amd64 (Intel)",
        "  - Linux amd64",
        "  - Linux arm64",
        "",
        "Your platform: linux/386",
        "",
        "Please open an issue if you need support for this platform:",
        "  https://github.com/stigmer/stigmer/issues",
        "",
      ].join("\n"),
    );
  });
});

describe("versionChange()", () => {
  test.each([
    { from: "1.2.0+aaa", to: "1.3.0+bbb", sides: "1.2.0 → 1.3.0" },
    { from: "1.3.0+bbb", to: "1.2.0+aaa", sides: "1.3.0 → 1.2.0" },
    { from: "1.2.0", to: "1.3.0+bbb", sides: "1.2.0 → 1.3.0" },
    { from: "1.2.0+aaa", to: "1.2.0+bbb", sides: "1.2.0+aaa → 1.2.0+bbb" },
  ])("from $from to $to", ({ from, to, sides }) => {
    expect(versionChange(from, to)).toBe(`[INFO] Detected CLI version change (${sides})\n`);
  });
});

describe("reinstallAdvice()", () => {
  test.each([
    { executable: "/opt/homebrew/Cellar/stigmer/1.2.0/bin/stigmer", advice: "brew reinstall stigmer" },
    { executable: "/home/linuxbrew/.linuxbrew/bin/stigmer", advice: "brew reinstall stigmer" },
    { executable: "/home/ann/bin/stigmer", advice: "https://github.com/stigmer/stigmer/releases" },
  ])("for $executable", ({ executable, advice }) => {
    expect(reinstallAdvice(executable)).toBe(advice);
  });
});
