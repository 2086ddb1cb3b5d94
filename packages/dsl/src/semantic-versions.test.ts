import { describe, expect, test } from "vitest";
import { compareVersions, latestVersion, parseVersion } from "./semantic-versions.ts";

describe("compareVersions()", () => {
  test("orders as semver.org does", () => {
    const ordered = [
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "1.0.1",
      "1.2.0",
      "1.10.0",
      "2.0.0",
    ];
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
    expect(compareVersions("1.0.0+a", "1.0.0+b")).toBe(0);
  });
});

describe("latestVersion()", () => {
  test("prefers releases to newer pre-releases", () => {
    expect(latestVersion(["1.0.0", "2.0.0-rc.1", "1.2.0"])).toBe("1.2.0");
    expect(latestVersion(["2.0.0-rc.1", "2.0.0-rc.2"])).toBe("2.0.0-rc.2");
    expect(latestVersion(["nonsense"])).toBeUndefined();
  });
});

describe("parseVersion()", () => {
  test.each(["", "1", "1.0", "01.0.0", "1.0.0-", "1.0.0-01", "v1.0.0", "1.0.0 "])("refuses %j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});
