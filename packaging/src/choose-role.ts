import { DEFAULT_ROLE, ROLES, type Role } from "./roles.ts";

/** How one start of the executable is to be understood. */
export type RoleChoice =
  | { readonly kind: "role"; readonly role: Role; readonly args: readonly string[] }
  | { readonly kind: "unknown"; readonly name: string };

/**
 * Chooses the role of this process: `__run <role>` first, then the executable's name, then the command line.
 *
 * @param executableName file name of the executable, without its folder
 * @param args arguments behind the executable
 */
export function chooseRole(executableName: string, args: readonly string[]): RoleChoice {
  if (args[0] === "__run") {
    const role = ROLES.find((candidate) => candidate.name === args[1]);
    if (role === undefined) return { kind: "unknown", name: args[1] ?? "" };
    return { kind: "role", role, args: args.slice(2) };
  }
  const named = ROLES.find((role) => role.executable === executableName);
  const role = named ?? ROLES.find((candidate) => candidate.name === DEFAULT_ROLE);
  return role === undefined ? { kind: "unknown", name: DEFAULT_ROLE } : { kind: "role", role, args };
}
