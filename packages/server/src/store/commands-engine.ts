import { putBlob } from "./engine/stored-value.ts";

/** Writes of the embedded engine. */
export const engineCommands = { putBlob };
