import { type ExpectSpec, joinPointer } from "@stigmer/dsl";
import type { TaskReport } from "@stigmer/interpreter";
import type { CaseRun } from "./case-run.ts";
import type { Mismatch } from "./expectation.ts";

/** Order and ends of tasks. */
export function checkTasks(
  { order = [], statuses = {} }: NonNullable<ExpectSpec["tasks"]>,
  run: CaseRun,
  at: string,
): readonly Mismatch[] {
  const { tasks } = run.report;
  const wrong = Object.entries(statuses).flatMap(([name, wanted]) => {
    const last = tasks.findLast((task) => isCalled(task, name));
    if (last?.status === wanted) return [];
    const message = `Task "${name}" was to be ${wanted} and ${last === undefined ? "never started" : `is ${last.status}`}`;
    return [{ pointer: joinPointer(`${at}/statuses`, name), message }];
  });
  return [...checkOrder(order, tasks, `${at}/order`), ...wrong];
}

/** The named tasks start one after the other; others may stand between them. */
function checkOrder(order: readonly string[], tasks: readonly TaskReport[], at: string): readonly Mismatch[] {
  const started = tasks.filter(({ status }) => status !== "skipped");
  let from = 0;
  for (const [index, name] of order.entries()) {
    const found = started.findIndex((task, position) => position >= from && isCalled(task, name));
    if (found < 0) {
      const message = `Task "${name}" did not start ${index === 0 ? "" : `after "${order[index - 1]}"`}`.trimEnd();
      return [
        { pointer: `${at}/${index}`, message, compare: { expected: order, actual: started.map((task) => task.name) } },
      ];
    }
    from = found + 1;
  }
  return [];
}

function isCalled(task: TaskReport, name: string): boolean {
  return name.startsWith("/") ? task.reference === name : task.name === name;
}
