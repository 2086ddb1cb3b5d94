import { readFileSync } from "node:fs";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };
const SUPPORTED: ReadonlySet<string> = new Set(["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"]);

/** The facts about a machine that decide whether stigmer runs there. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly libc: "glibc" | "musl" | "none";
}

/** Name of a machine in Go's words (`linux/amd64`), with its C library when that is the odd one out. */
export function platformName(machine: Machine): string {
  const name = `${machine.platform}/${ARCHITECTURES[machine.arch] ?? machine.arch}`;
  return machine.libc === "musl" ? `${name} (musl)` : name;
}

/** Whether stigmer has a release for this machine. */
export function isSupported(machine: Machine): boolean {
  return machine.libc !== "musl" && SUPPORTED.has(platformName(machine));
}

/** The machine that this process runs on. Reads a file of the system: for a first run, not for every start. */
export function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, libc: process.platform === "linux" ? linuxLibc() : "none" };
}

function linuxLibc(): "glibc" | "musl" {
  return readFileSync("/proc/self/maps", "latin1").includes("/ld-musl-") ? "musl" : "glibc";
}
