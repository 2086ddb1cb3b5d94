import type { Json, SubscriptionIterator } from "@stigmer/dsl";
import { checkSchema } from "./check-schema.ts";
import { type ItemCursor, startOfList } from "./cursor.ts";
import { inDefinition, transformIn } from "./data-flow.ts";
import { Directed, type Outcome, type TaskFrame } from "./frame.ts";
import { runList } from "./list.ts";
import { countStep } from "./progress.ts";
import type { Step } from "./step.ts";

/** An event or message that is worked on, and by which iterator; without one it stays as it is. */
export interface WorkOnItemParams {
  readonly iterator: SubscriptionIterator | undefined;
  /** From 0. */
  readonly index: number;
  readonly item: ItemCursor;
  /** Pointer of the iterator's tasks. */
  readonly pointer: string;
}

/** The cursor of an item before any work on it. */
export function beginItem(frame: TaskFrame, value: Json): ItemCursor {
  return { value, list: startOfList(frame.input) };
}

/**
 * Works on one item of a subscription: its tasks, `output.as`, `export.as`.
 *
 * The tasks' input is that of the whole task, the item is a variable. `output.as` sees what the tasks gave, or the item
 * where there are none. Without `output.as` the item itself is the output.
 *
 * @returns directed when a task ended the workflow
 */
export function* workOnItem(frame: TaskFrame, { iterator, index, item, pointer }: WorkOnItemParams): Step<Outcome> {
  if (iterator === undefined) return item.value;
  countStep(frame, frame.reference);
  const { item: each = "item", at = "index" } = iterator;
  const inner = { ...frame, variables: { ...frame.variables, [each]: item.value, [at]: index } };
  const raw =
    iterator.do === undefined ? item.value : yield* runList(inner, { list: iterator.do, pointer, cursor: item.list });
  return raw instanceof Directed ? raw : yield* shapeItem(inner, iterator, { raw, item: item.value });
}

interface WorkedItem {
  readonly raw: Json;
  readonly item: Json;
}

function* shapeItem(frame: TaskFrame, rules: SubscriptionIterator, { raw, item }: WorkedItem): Step<Json> {
  const as = rules.output?.as;
  const output = as === undefined ? item : yield* transformIn(frame, { place: "output", rule: as, results: { raw } });
  yield* checkSchema(inDefinition(frame), rules.output?.schema, { value: output, what: "The output of the item" });
  if (rules.export?.as === undefined) return output;
  const results = { raw, output };
  const context = yield* transformIn(frame, { place: "export", rule: rules.export.as, results });
  yield* checkSchema(inDefinition(frame), rules.export.schema, {
    value: context,
    what: "The context that the item exports",
  });
  frame.run.state.context = context;
  return output;
}
