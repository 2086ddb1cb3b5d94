import { resolve } from "node:path";
import { withClient } from "../client/connection.ts";
import type { CommandCall } from "../command.ts";
import { printObject } from "../print.ts";

/** Writes a verified copy of the data while everything runs. */
export async function run(call: CommandCall): Promise<number> {
  const path = resolve(call.args[0] ?? "");
  return withClient(call.context, async (client) => {
    const { sizeBytes, digest } = await (await client.system()).backup({
      path,
      withKey: call.options.isSet("withKey"),
    });
    const text = `${path}: ${(Number(sizeBytes) / 1e6).toFixed(1)} MB, verified`;
    await printObject(call, { data: { path, sizeBytes: Number(sizeBytes), digest }, name: path, text });
    return 0;
  });
}
