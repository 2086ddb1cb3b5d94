import { decisionCommands } from "./commands-decisions.ts";
import { engineCommands } from "./commands-engine.ts";
import { resourceCommands } from "./commands-resources.ts";
import { scheduleCommands } from "./commands-schedules.ts";

/** Every write that the server knows. A new area is a file `commands-<area>.ts` and a line here. */
export const commands = { ...engineCommands, ...resourceCommands, ...scheduleCommands, ...decisionCommands };

/** Names of all commands. */
export type CommandName = keyof typeof commands;

/** Parameters of a command. */
export type CommandParams<N extends CommandName> = Parameters<(typeof commands)[N]>[1];

/** Result of a command. */
export type CommandResult<N extends CommandName> = ReturnType<(typeof commands)[N]>;
