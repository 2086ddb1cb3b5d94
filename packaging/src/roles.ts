/** What one role of the executable is made of; the entries of their sources stand in `lifecycle`. */
export interface Role {
  readonly name: string;
  readonly bundle: string;
  /** Name of a hard link in the version folder that starts this role. */
  readonly executable?: string;
  /** A worker thread's bundle, loaded by the role from beside its own. */
  readonly companion?: string;
}

/** The role that a person gets who types `stigmer`. */
export const DEFAULT_ROLE = "cli";

/** The link that every version folder carries beside the named roles; also what starts `__run` roles. */
export const MAIN_EXECUTABLE = "stigmer";

/** Everything that the one executable can act as: a new role is one row. */
export const ROLES: readonly Role[] = [
  { name: DEFAULT_ROLE, bundle: "lib/cli.cjs" },
  { name: "supervisor", bundle: "lib/supervisor.cjs" },
  { name: "server", bundle: "lib/server.cjs", executable: "stigmer-server", companion: "lib/writer.cjs" },
  { name: "workflow-runner", bundle: "lib/workflow-runner.cjs", executable: "workflow-runner" },
  { name: "agent-runner", bundle: "lib/agent-runner.cjs" },
  { name: "guard", bundle: "lib/guard.cjs" },
  { name: "script", bundle: "lib/script.cjs" },
];

/** Names in a version folder that are links to the executable itself. */
export const EXECUTABLES: readonly string[] = [
  MAIN_EXECUTABLE,
  ...ROLES.flatMap((role) => (role.executable === undefined ? [] : [role.executable])),
];
