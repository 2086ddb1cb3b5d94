import { describe, expect, test } from "vitest";
import { isSupported, type Machine, platformName, thisMachine } from "./platform.ts";

const machines: readonly (Machine & { readonly name: string; readonly supported: boolean })[] = [
  { platform: "linux", arch: "x64", libc: "glibc", name: "linux/amd64", supported: true },
  { platform: "linux", arch: "arm64", libc: "glibc", name: "linux/arm64", supported: true },
  { platform: "darwin", arch: "arm64", libc: "none", name: "darwin/arm64", supported: true },
  { platform: "darwin", arch: "x64", libc: "none", name: "darwin/amd64", supported: true },
  { platform: "linux", arch: "ia32", libc: "glibc", name: "linux/386", supported: false },
  { platform: "linux", arch: "x64", libc: "musl", name: "linux/amd64 (musl)", supported: false },
  { platform: "linux", arch: "riscv64", libc: "glibc", name: "linux/riscv64", supported: false },
  { platform: "win32", arch: "x64", libc: "none", name: "win32/amd64", supported: false },
];

describe("platformName() and isSupported()", () => {
  test.each(machines)("$name: $supported", (machine) => {
    expect(platformName(machine)).toBe(machine.name);
    expect(isSupported(machine)).toBe(machine.supported);
  });
});

describe("thisMachine()", () => {
  test("is one that the tests can run on", () => {
    expect(isSupported(thisMachine())).toBe(true);
  });
});
