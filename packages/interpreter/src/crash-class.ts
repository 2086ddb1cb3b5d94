import type { Task } from "@stigmer/dsl";
import type { CrashClass } from "@stigmer/durable";
import { property } from "./json.ts";

/** Crash class of a task's effect: `metadata.stigmer.onCrash` where it is set, else what its kind usually is. */
export function crashClass(task: Task, usual: CrashClass): CrashClass {
  const declared = property(property(task.metadata, "stigmer"), "onCrash");
  return declared === "safe" || declared === "repeat" || declared === "unknown" ? declared : usual;
}
