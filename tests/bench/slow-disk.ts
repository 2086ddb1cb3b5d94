import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtExecutable } from "../e2e/executable-fixture.ts";

/** Every fsync of a process takes so much longer, ms. */
export const SLOWER_MS = 4;

/** Before a command, it makes each fsync slower; `-D` keeps the command's own pid. */
export const SLOW_DISK: readonly string[] = [
  "strace",
  ...["-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null"],
  ...["-e", "trace=fsync,fdatasync", "-e", `inject=fsync,fdatasync:delay_enter=${SLOWER_MS * 1_000}`],
];

/** Whether strace is here and may trace. */
export function canSlowDisk(): boolean {
  const [file = "", ...args] = [...SLOW_DISK, "true"];
  return spawnSync(file, args).status === 0;
}

/** A program that is the product's server on a slow disk, for STIGMER_SERVER_BIN. */
export function createSlowServer(): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "slow-server-"));
  const file = join(folder, "stigmer-server");
  writeFileSync(file, `#!/bin/sh\nexec ${SLOW_DISK.join(" ")} "${builtExecutable()}" __run server "$@"\n`);
  chmodSync(file, 0o755);
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
