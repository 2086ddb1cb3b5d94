import { randomUUID } from "node:crypto";
import type { JsonObject } from "@bufbuild/protobuf";
import { usageError } from "../cli-error.ts";
import { withClient } from "../client/connection.ts";
import type { CommandCall } from "../command.ts";
import { printObject } from "../print.ts";
import { readInput } from "../read-input.ts";

/** Publishes a CloudEvent to every execution that listens for it. */
export async function run(call: CommandCall): Promise<number> {
  const event = await readEvent(call);
  return withClient(call.context, async (client) => {
    const { accepted, delivered } = await (await client.executions()).publishEvent({ event });
    const text = accepted ? `event ${event.id} delivered to ${delivered}` : `event ${event.id} was published before`;
    await printObject(call, { data: { id: event.id, accepted, delivered }, name: String(event.id), text });
    return 0;
  });
}

async function readEvent(call: CommandCall): Promise<JsonObject> {
  const file = call.options.text("filename");
  if (file !== undefined) {
    const event = await readInput(file, call.context, "--filename");
    if (typeof event === "object" && event !== null && !Array.isArray(event)) return event;
    throw usageError(`Cannot publish "${file}": it is not one CloudEvent`);
  }
  const type = call.options.text("type");
  if (type === undefined)
    throw usageError("Cannot publish: no type was given", "stigmer event publish --type order.placed");
  const data = await readInput(call.options.text("data"), call.context, "--data");
  return {
    specversion: "1.0",
    id: call.options.text("id") ?? randomUUID(),
    source: call.options.text("source") ?? "urn:stigmer:cli",
    type,
    time: new Date().toISOString(),
    ...(call.options.text("subject") === undefined ? {} : { subject: call.options.text("subject") ?? "" }),
    ...(data === undefined ? {} : { datacontenttype: "application/json", data }),
  };
}
