/** What one role of the executable is made of. Paths of entries count from the root of the tree. */
export interface Role {
  readonly name: string;
  readonly entry: string;
  readonly bundle: string;
  /** Name of a hard link in the version folder that starts this role. */
  readonly executable?: string;
  /** A worker thread's file, loaded by the role from beside its bundle. */
  readonly companion?: { readonly entry: string; readonly bundle: string };
}

/** The role that a person gets who types `stigmer`. */
export const DEFAULT_ROLE = "cli";

/** The link that every version folder carries beside the named roles; also what starts `__run` roles. */
export const MAIN_EXECUTABLE = "stigmer";

/** Everything that the one executable can act as: a new role is one row. */
export const ROLES: readonly Role[] = [
  { name: DEFAULT_ROLE, entry: "packages/cli/src/main.ts", bundle: "lib/cli.cjs" },
  { name: "supervisor", entry: "packages/cli/src/supervisor-main.ts", bundle: "lib/supervisor.cjs" },
  {
    name: "server",
    entry: "packages/server/src/main.ts",
    bundle: "lib/server.cjs",
    executable: "stigmer-server",
    companion: { entry: "packages/server/src/writer-main.ts", bundle: "lib/writer-main.cjs" },
  },
  {
    name: "workflow-runner",
    entry: "packages/workflow-runner/src/main.ts",
    bundle: "lib/workflow-runner.cjs",
    executable: "workflow-runner",
  },
  { name: "agent-runner", entry: "packages/agent-runner/src/main.ts", bundle: "lib/agent-runner.cjs" },
  { name: "guard", entry: "packages/lifecycle/src/guard-main.ts", bundle: "lib/guard.cjs" },
  { name: "script", entry: "packages/effects/src/script-main.ts", bundle: "lib/script.cjs" },
];

/** Names in a version folder that are links to the executable itself. */
export const EXECUTABLES: readonly string[] = [
  MAIN_EXECUTABLE,
  ...ROLES.flatMap((role) => (role.executable === undefined ? [] : [role.executable])),
];
