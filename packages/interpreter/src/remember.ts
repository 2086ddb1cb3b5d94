import type { Json } from "@stigmer/dsl";
import type { TaskFrame } from "./frame.ts";
import type { Step } from "./step.ts";

/**
 * Computes a value once per run of a task and keeps it in the cursor, so that a restored run asks the world the very
 * same thing: an event with its id, the input of a child.
 */
export function* remember(frame: TaskFrame, compute: () => Step<Json>): Step<Json> {
  const known = remembered(frame);
  if (known !== undefined) return known;
  return keep(frame, yield* compute());
}

/** `remember` for what is computed without waiting, such as a due time. */
export function rememberNow(frame: TaskFrame, compute: () => Json): Json {
  return remembered(frame) ?? keep(frame, compute());
}

function remembered({ cursor }: TaskFrame): Json | undefined {
  return cursor.body?.kind === "value" ? cursor.body.value : undefined;
}

function keep({ cursor }: TaskFrame, value: Json): Json {
  cursor.body = { kind: "value", value };
  return value;
}
