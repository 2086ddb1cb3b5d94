import { usageError } from "../cli-error.ts";
import { withClient } from "../client/connection.ts";
import type { CommandCall } from "../command.ts";
import { readTextFile } from "../read-input.ts";

/** Writes a secret. Its value comes from standard input or a file: never from the command line, where others read it. */
export async function run(call: CommandCall): Promise<number> {
  const [name = "", extra] = call.args;
  if (extra !== undefined) {
    throw usageError(
      `Cannot take the value of "${name}" from the command line: others can read it there`,
      `stigmer secret set ${name} < FILE`,
    );
  }
  const file = call.options.text("fromFile");
  const text = file === undefined ? await call.context.readStdin() : readTextFile(file);
  const plain = text.replace(/\r?\n$/, "");
  if (plain === "")
    throw usageError(`Cannot set "${name}": the value is empty`, `printf %s VALUE | stigmer secret set ${name}`);
  const value = call.options.isSet("jsonValue") ? plain : JSON.stringify(plain);
  return withClient(call.context, async (client) => {
    await (await client.resources()).setSecret({
      namespace: call.options.text("namespace") ?? "",
      environment: call.options.text("environment") ?? "",
      name,
      value,
    });
    call.context.terminal.err(`secret ${name} set\n`);
    return 0;
  });
}
