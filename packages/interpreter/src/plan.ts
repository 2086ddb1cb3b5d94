import { type Task, type TaskKind, type TaskList, taskEntries, taskKind } from "@stigmer/dsl";

/** A task of a list, with what never changes about it. */
export interface PlannedTask {
  readonly name: string;
  readonly task: Task;
  readonly kind: TaskKind;
  /** What the task adds to its list's pointer, such as `/0/fetch`. */
  readonly pointer: string;
}

/** A list of tasks, ready to walk. */
export interface ListPlan {
  readonly tasks: readonly PlannedTask[];
  /** Index by name; with two tasks of one name the first is the target of jumps. */
  readonly indexes: ReadonlyMap<string, number>;
}

/** Gives the plan of a list, made once per list. */
export type Planner = (list: TaskList) => ListPlan;

/** A planner for one run. */
export function createPlanner(): Planner {
  const plans = new WeakMap<TaskList, ListPlan>();
  return (list) => {
    const known = plans.get(list);
    if (known !== undefined) return known;
    const plan = planList(list);
    plans.set(list, plan);
    return plan;
  };
}

function planList(list: TaskList): ListPlan {
  const tasks = taskEntries(list).map(({ name, task, index }) => ({
    name,
    task,
    kind: taskKind(task),
    pointer: `/${index}/${escapePointer(name)}`,
  }));
  const indexes = new Map<string, number>();
  for (const [index, { name }] of tasks.entries()) if (!indexes.has(name)) indexes.set(name, index);
  return { tasks, indexes };
}

/** A name as one segment of a JSON pointer (RFC 6901). */
export function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
