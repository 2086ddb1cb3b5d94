import { joinPointer, knownTask, type Task, type TaskList, taskEntries, type WorkflowDocument } from "@stigmer/dsl";

/** A task of a document, wherever it stands. */
export interface PlacedTask {
  readonly name: string;
  readonly task: Task;
  /** JSON pointer in the document; in `do` also its reference at run time. */
  readonly pointer: string;
}

/** Every task of a document with its pointer: of `do`, of what is nested, and of the functions in `use`. */
export function tasksOf(document: WorkflowDocument): readonly PlacedTask[] {
  const functions = Object.entries(document.use?.functions ?? {}).flatMap(([name, task]) =>
    withNested({ name, task, pointer: joinPointer("/use/functions", name) }),
  );
  return [...tasksOfList(document.do, "/do"), ...functions];
}

/** Tasks of the extensions in `use`; at run time they stand inside the tasks that they extend. */
export function extensionTasksOf(document: WorkflowDocument): readonly PlacedTask[] {
  return (document.use?.extensions ?? []).flatMap((item, index) =>
    Object.entries(item).flatMap(([name, { before = [], after = [] }]) => {
      const pointer = joinPointer(`/use/extensions/${index}`, name);
      return [...tasksOfList(before, `${pointer}/before`), ...tasksOfList(after, `${pointer}/after`)];
    }),
  );
}

function tasksOfList(list: TaskList, pointer: string): readonly PlacedTask[] {
  return taskEntries(list).flatMap(({ name, task, index }) =>
    withNested({ name, task, pointer: joinPointer(`${pointer}/${index}`, name) }),
  );
}

function withNested(placed: PlacedTask): readonly PlacedTask[] {
  const { pointer } = placed;
  return [placed, ...nestedLists(placed.task).flatMap(([path, list]) => tasksOfList(list, `${pointer}/${path}`))];
}

/** Lists of tasks inside a task, with their paths. */
function nestedLists(task: Task): readonly (readonly [string, TaskList])[] {
  const known = knownTask(task);
  switch (known.kind) {
    case "do":
      return [["do", known.task.do]];
    case "for":
      return [["do", known.task.do]];
    case "fork":
      return [["fork/branches", known.task.fork.branches]];
    case "listen":
      return known.task.foreach?.do === undefined ? [] : [["foreach/do", known.task.foreach.do]];
    case "try":
      return [
        ["try", known.task.try],
        ...(known.task.catch.do === undefined ? [] : [["catch/do", known.task.catch.do] as const]),
      ];
    case "call":
    case "emit":
    case "raise":
    case "run":
    case "set":
    case "switch":
    case "wait":
      return [];
  }
}
