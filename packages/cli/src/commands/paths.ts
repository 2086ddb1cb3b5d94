import type { CommandCall } from "../command.ts";
import { printObject } from "../print.ts";

/** Prints where everything of this home lies. */
export async function run(call: CommandCall): Promise<number> {
  const { paths } = call.context;
  const lines = Object.entries(paths).map(([name, path]) => `${name.padEnd(16)} ${path}`);
  await printObject(call, { data: paths, name: paths.home, text: lines.join("\n") });
  return 0;
}
