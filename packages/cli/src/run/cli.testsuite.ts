import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Root of the repository. */
export const ROOT = resolve(import.meta.dirname, "../../../..");

/** How a command ended. */
export interface CommandEnd {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder with files, and the command line from source in it. */
export interface CliBench {
  readonly folder: string;
  write(name: string, text: string): string;
  run(...args: readonly string[]): Promise<CommandEnd>;
  remove(): void;
}

/** Makes a bench; its home is a folder of its own. */
export function createCliBench(): CliBench {
  const folder = mkdtempSync(join(tmpdir(), "stigmer-cli-"));
  const env = { PATH: process.env.PATH ?? "", HOME: folder, STIGMER_HOME: join(folder, "home"), NO_COLOR: "1" };
  return {
    folder,
    write(name, text) {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    },
    run(...args) {
      const child = spawn(process.execPath, [join(ROOT, "packages/cli/src/main.ts"), ...args], { cwd: folder, env });
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (chunk) => (stdout += chunk));
      child.stderr.on("data", (chunk) => (stderr += chunk));
      child.stdin.end();
      return new Promise((done, fail) => {
        child.on("error", fail);
        child.on("close", (status) => done({ status, stdout, stderr }));
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
