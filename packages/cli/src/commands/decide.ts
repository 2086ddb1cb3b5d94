import { userInfo } from "node:os";
import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { withClient } from "../client/connection.ts";
import type { CommandCall } from "../command.ts";
import { printObject } from "../print.ts";
import { readInput } from "../read-input.ts";

/** Answers a question that an execution asks people; the first answer counts, the same one again changes nothing. */
export async function run(call: CommandCall): Promise<number> {
  const [id = "", outcome = ""] = call.args;
  const data = await readInput(call.options.text("data"), call.context, "--data");
  const by = call.options.text("by") ?? userInfo().username;
  return withClient(call.context, async (client) => {
    const { task } = await (await client.executions()).decide({
      id,
      outcome,
      by,
      task: call.options.text("task") ?? "",
      ...(data === undefined ? {} : { data: fromJson(ValueSchema, data) }),
    });
    const text = `${id} ${task} ${outcome} by ${by}`;
    await printObject(call, {
      data: { id, task, outcome, by, ...(data === undefined ? {} : { data }) },
      name: id,
      text,
    });
    return 0;
  });
}
