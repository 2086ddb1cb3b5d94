import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { IS_PACKAGED } from "./build-info.ts";

/** What the one executable can act as. */
export type Role = "cli" | "supervisor" | "server" | "workflow-runner" | "agent-runner" | "guard" | "script" | "writer";

/** Entry module of each role, from the root of the source tree. */
export const ROLE_ENTRIES: Readonly<Record<Role, string>> = {
  cli: "packages/cli/src/main.ts",
  supervisor: "packages/cli/src/supervisor-main.ts",
  server: "packages/server/src/main.ts",
  "workflow-runner": "packages/workflow-runner/src/main.ts",
  "agent-runner": "packages/agent-runner/src/main.ts",
  guard: "packages/lifecycle/src/guard-main.ts",
  script: "packages/effects/src/script-main.ts",
  writer: "packages/server/src/writer-main.ts",
};

/** How to start a process: an executable file and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** The command that starts `role` of this very program: the single executable, or Node on the source tree. */
export function roleCommand(role: Role): Command {
  if (IS_PACKAGED) return { file: process.execPath, args: ["__run", role] };
  return { file: process.execPath, args: [join(sourceRoot(), ROLE_ENTRIES[role])] };
}

/** The file that a worker thread of `role` loads: beside the running bundle, or the source entry. */
export function roleModule(role: Role): string {
  if (IS_PACKAGED) return join(dirname(process.argv[1] ?? process.execPath), `${role}.cjs`);
  return join(sourceRoot(), ROLE_ENTRIES[role]);
}

/** Folder of the source tree: the nearest one above this file that holds the entries. */
function sourceRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, ROLE_ENTRIES.guard))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("Cannot find the source tree of stigmer: run the packaged executable");
    folder = parent;
  }
  return folder;
}
