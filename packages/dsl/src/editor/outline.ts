import { WORKFLOW } from "../grammar/workflow-shape.ts";
import { isObject, type Json, property } from "../json.ts";
import { TASK_KINDS } from "../tasks.ts";
import { joinPointer } from "../text/pointers.ts";
import { walkOf } from "../validate/validate-document.ts";
import { type EditedKind, grammarOf } from "./document-grammar.ts";
import { type PlacedValue, readPlaces, type TextRange } from "./yaml-places.ts";

/** A task, case or test of a document. */
export interface OutlineEntry {
  readonly name: string;
  /** Kind of the task, `case` or `test`. */
  readonly detail: string;
  /** The whole of it. */
  readonly range: TextRange;
  /** Its name. */
  readonly nameRange: TextRange;
  readonly children: readonly OutlineEntry[];
}

/** The tasks of a document as a tree, also of one that is not valid; of a test file its tests. */
export function outlineOf(text: string, kind: EditedKind): readonly OutlineEntry[] {
  const places = readPlaces(text);
  if (kind === "test") return testsOf(places.places, places.value);
  const isWorkflow = grammarOf(places.value, kind) === WORKFLOW;
  const prefix = isWorkflow ? "" : "/spec";
  const document = isWorkflow ? places.value : (property(places.value, "spec") ?? null);
  const flat = walkOf(WORKFLOW, document).lists.flatMap(({ shape, pointer, list }) =>
    list.flatMap((item, index) =>
      Object.entries(isObject(item) ? item : {}).flatMap(([name, value]) => {
        const own = `${prefix}${joinPointer(`${pointer}/${index}`, name)}`;
        const place = places.find(own);
        const detail = shape.noun === "task" ? kindOf(value) : shape.noun;
        return place === undefined ? [] : [{ pointer: own, ...entryAt(place, name, detail) }];
      }),
    ),
  );
  return nest(flat);
}

function kindOf(task: Json): string {
  return (isObject(task) ? TASK_KINDS.find((kind) => Object.hasOwn(task, kind)) : undefined) ?? "task";
}

function entryAt({ key, value }: PlacedValue, name: string, detail: string): Omit<OutlineEntry, "children"> {
  const nameRange = key ?? value;
  return { name, detail, nameRange, range: { start: nameRange.start, end: Math.max(value.end, nameRange.end) } };
}

type FlatEntry = Omit<OutlineEntry, "children"> & { readonly pointer: string };

/** Tasks inside the tasks whose pointers their own begin with. */
function nest(flat: readonly FlatEntry[]): readonly OutlineEntry[] {
  const sorted = [...flat].sort((a, b) => a.range.start - b.range.start);
  const within = (parent: FlatEntry | undefined): readonly OutlineEntry[] =>
    sorted
      .filter((entry) => parentOf(entry, sorted) === parent)
      .map((entry) => {
        const { pointer: _, ...rest } = entry;
        return { ...rest, children: within(entry) };
      });
  return within(undefined);
}

function parentOf(entry: FlatEntry, all: readonly FlatEntry[]): FlatEntry | undefined {
  return all.filter((other) => entry.pointer.startsWith(`${other.pointer}/`)).at(-1);
}

function testsOf(places: readonly PlacedValue[], value: Json): readonly OutlineEntry[] {
  return places
    .filter(({ path }) => path.length === 2 && path[0] === "tests")
    .map((place) => {
      const test = property(value, "tests");
      const name = property(Array.isArray(test) ? test[Number(place.path[1])] : undefined, "name");
      return { ...entryAt(place, typeof name === "string" ? name : "test", "test"), children: [] };
    });
}
