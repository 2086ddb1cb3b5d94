import type { CommandDefinition } from "./command.ts";
import { PLATFORM_COMMANDS } from "./registry-platform.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandDefinition[] = [...PLATFORM_COMMANDS];
