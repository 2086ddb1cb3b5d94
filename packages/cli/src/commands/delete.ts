import { randomUUID } from "node:crypto";
import { usageError } from "../cli-error.ts";
import { withClient } from "../client/connection.ts";
import { findByName } from "../client/find-by-name.ts";
import { kindOfWord } from "../client/kind-words.ts";
import type { CommandCall } from "../command.ts";

/** Deletes a resource; refused while something refers to it. */
export async function run(call: CommandCall): Promise<number> {
  const [word = "", text = ""] = call.args;
  const kind = kindOfWord(word);
  if (kind === "Execution")
    throw usageError("Cannot delete an execution: retention removes it", `stigmer cancel ${text}`);
  return withClient(call.context, async (client) => {
    const ref = await findByName(call, client, { kind, text });
    await (await client.resources()).delete({
      ref,
      etag: call.options.text("etag") ?? "",
      idempotencyKey: randomUUID(),
    });
    call.context.terminal.out(`${kind.toLowerCase()} ${ref.namespace || "default"}/${ref.name} deleted\n`);
    return 0;
  });
}
