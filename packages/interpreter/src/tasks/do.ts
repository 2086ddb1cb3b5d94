import type { DoTask } from "@stigmer/dsl";
import { startOfList } from "../cursor.ts";
import type { Outcome, TaskFrame } from "../frame.ts";
import { runList } from "../list.ts";
import type { Step } from "../step.ts";

/** Tasks in sequence. */
export function* runDo(frame: TaskFrame, task: DoTask): Step<Outcome> {
  const body = bodyOf(frame);
  return yield* runList(frame, { list: task.do, pointer: `${frame.reference}/do`, cursor: body.list });
}

function bodyOf(frame: TaskFrame) {
  const { cursor } = frame;
  if (cursor.body?.kind === "list") return cursor.body;
  const body = { kind: "list", list: startOfList(frame.input) } as const;
  cursor.body = body;
  return body;
}
