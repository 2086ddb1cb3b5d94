import type { Json } from "@stigmer/dsl";
import type { TaskFrame } from "./frame.ts";
import type { Step } from "./step.ts";

/**
 * Computes a value once per run of a task and keeps it in the cursor, so that a restored run asks the world the very
 * same thing: a due time, an event with its id, the input of a child.
 */
export function* remember(frame: TaskFrame, compute: () => Step<Json>): Step<Json> {
  const { cursor } = frame;
  if (cursor.body?.kind === "value") return cursor.body.value;
  const value = yield* compute();
  cursor.body = { kind: "value", value };
  return value;
}
