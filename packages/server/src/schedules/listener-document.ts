import type { Schedule } from "@stigmer/dsl";
import type { JsonObject } from "../resources/manifest.ts";
import { memberOf } from "../resources/references.ts";

/**
 * The workflow that waits for the events of `schedule.on` and starts a run of the real one for each set of them, with what
 * was read of them as input, a list. It waits on while that run goes on, and whatever becomes of it.
 */
export function listenerDocument(definition: JsonObject, schedule: Schedule): JsonObject {
  const document = (memberOf(definition, "document") ?? {}) as JsonObject;
  const { namespace = "default", name = "" } = document;
  const { on = {}, read } = schedule;
  const listen = { to: on, ...(read === undefined ? {} : { read }) };
  const workflow = { namespace, name, version: "latest", input: "${ . }" };
  const { evaluate, environment } = definition;
  const made = {
    document,
    ...(environment === undefined ? {} : { environment }),
    ...(evaluate === undefined ? {} : { evaluate: { ...(evaluate as JsonObject), mode: "strict" } }),
    do: [
      { events: { listen } },
      { start: { try: [{ run: { run: { workflow, await: false } } }], catch: {}, then: "events" } },
    ],
  };
  return JSON.parse(JSON.stringify(made));
}
