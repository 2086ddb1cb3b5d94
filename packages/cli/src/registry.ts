import type { CommandDefinition } from "./command.ts";
import { AUTHORING_COMMANDS } from "./registry-authoring.ts";
import { EXECUTION_COMMANDS, RESOURCE_COMMANDS } from "./registry-client.ts";
import { PLATFORM_COMMANDS } from "./registry-platform.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandDefinition[] = [
  ...PLATFORM_COMMANDS,
  ...RESOURCE_COMMANDS,
  ...EXECUTION_COMMANDS,
  ...AUTHORING_COMMANDS,
];
