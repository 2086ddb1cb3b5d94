import { type Diagnostic, didYouMean, type SourceMap, type WorkflowTestFile } from "@stigmer/dsl";
import type { LoadedDocument } from "./loaded-test-file.ts";
import { extensionTasksOf, tasksOf } from "./task-tree.ts";

/** A name of a task in a test file. */
interface NamedTask {
  readonly name: string;
  readonly pointer: string;
  readonly at: "key" | "value";
}

/** Names of tasks in a test file that no document has. */
export function checkTaskNames(
  file: WorkflowTestFile,
  documents: readonly LoadedDocument[],
  sourceMap: SourceMap,
): readonly Diagnostic[] {
  const known = new Set<string>();
  for (const { manifest } of documents) {
    if (manifest.kind !== "Workflow") continue;
    for (const { name, pointer } of tasksOf(manifest.document)) known.add(name).add(pointer);
    for (const { name } of extensionTasksOf(manifest.document)) known.add(name);
  }
  if (known.size === 0) return [];
  return namedTasks(file)
    .filter(({ name }) => !known.has(name) && !isInsideFunction(name))
    .map(({ name, pointer, at }) => {
      const place = at === "key" ? sourceMap.keyPosition(pointer) : sourceMap.valuePosition(pointer);
      const names = [...known].filter((one) => one.startsWith("/") === name.startsWith("/"));
      const suggestion = didYouMean(name, names) ?? `Known tasks are ${names.slice(0, 20).join(", ")}.`;
      const message = `No document of this test has a task "${name}"`;
      return { code: "unknown-task", severity: "error", ...place, pointer, message, suggestion } as const;
    });
}

/** References of what functions and extensions do exist at run time only. */
function isInsideFunction(name: string): boolean {
  return name.startsWith("/") && /\/(?:call|extensions)\b/.test(name);
}

function namedTasks(file: WorkflowTestFile): readonly NamedTask[] {
  const selected = (list: readonly { readonly task?: string }[] | undefined, pointer: string): readonly NamedTask[] =>
    (list ?? []).flatMap(({ task }, index) =>
      task === undefined ? [] : [{ name: task, pointer: `${pointer}/${index}/task`, at: "value" as const }],
    );
  const inTests = file.tests.flatMap(({ mocks, decisions, expect }, index) => {
    const pointer = `/tests/${index}`;
    const order = expect?.tasks?.order ?? [];
    const statuses = Object.keys(expect?.tasks?.statuses ?? {});
    return [
      ...selected(mocks, `${pointer}/mocks`),
      ...selected(decisions, `${pointer}/decisions`),
      ...selected(expect?.calls, `${pointer}/expect/calls`),
      ...order.map((name, at) => ({ name, pointer: `${pointer}/expect/tasks/order/${at}`, at: "value" as const })),
      ...statuses.map((name) => ({
        name,
        pointer: `${pointer}/expect/tasks/statuses/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
        at: "key" as const,
      })),
    ];
  });
  return [...selected(file.mocks, "/mocks"), ...inTests];
}
