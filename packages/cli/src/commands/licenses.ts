import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { IS_PACKAGED } from "@stigmer/lifecycle";
import type { CommandCall } from "../command.ts";

/** Prints the licence, the notice and the notices of what is built in. */
export async function run(call: CommandCall): Promise<number> {
  const folder = IS_PACKAGED ? dirname(process.argv[1] ?? "") : join(import.meta.dirname, "../../../..");
  for (const name of ["LICENSE", "NOTICE", "THIRD-PARTY-NOTICES"]) {
    const file = join(folder, name);
    if (existsSync(file)) call.context.terminal.out(`${readFileSync(file, "utf8").trimEnd()}\n\n`);
  }
  return 0;
}
