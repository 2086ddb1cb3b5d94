import { type Code, codeOfOne, type Env } from "./code.ts";
import { compareValues } from "./compare.ts";
import { describe, fail } from "./errors.ts";
import { isArray, isObject, type Json, kindOf } from "./json.ts";
import { collect } from "./leaving.ts";
import { type MakeCall, type Natives, native0, native1 } from "./native.ts";
import { toText } from "./natives-value.ts";
import type { Run } from "./run.ts";

interface Keyed {
  readonly key: Json;
  readonly value: Json;
}

function checkSortable(input: Json): readonly Json[] {
  return isArray(input) ? input : fail(`${describe(input)} cannot be sorted, as it is not an array`);
}

function sortItems(run: Run, input: Json): Json[] {
  return checkSortable(input).toSorted((a, b) => {
    run.tick(1);
    return compareValues(a, b, run);
  });
}

function sortKeyed(run: Run, keyed: readonly Keyed[]): Keyed[] {
  return keyed.toSorted((a, b) => {
    run.tick(1);
    return compareValues(a.key, b.key, run);
  });
}

function keyItems(run: Run, env: Env | undefined, input: Json, by: Code): Keyed[] {
  return checkSortable(input).map((value) => {
    const key: Json[] = [];
    collect(by, run, env, value, (part) => key.push(part));
    return { key, value };
  });
}

/** Runs of equal keys among sorted items. */
function groupKeyed(run: Run, sorted: readonly Keyed[]): Json[][] {
  const groups: Json[][] = [];
  let last: Json | undefined;
  for (const { key, value } of sorted) {
    if (last !== undefined && compareValues(last, key, run) === 0) groups[groups.length - 1]?.push(value);
    else groups.push([value]);
    last = key;
  }
  return groups;
}

function byKey(finish: (run: Run, keyed: readonly Keyed[]) => Json): MakeCall {
  return ([by], at) =>
    codeOfOne((run, env, input) => {
      run.at = at;
      return by === undefined ? undefined : finish(run, keyItems(run, env, input, by));
    });
}

/** Smallest (-1) or greatest (1) item; the first of equal smallest, the last of equal greatest ones. */
function extreme(run: Run, keyed: readonly Keyed[], side: -1 | 1): Json {
  let best: Keyed | undefined;
  for (const item of keyed) {
    run.tick(1);
    const order = best === undefined ? side : compareValues(item.key, best.key, run);
    if (best === undefined || (side < 0 ? order < 0 : order >= 0)) best = item;
  }
  return best?.value ?? null;
}

function keySelf(input: Json): Keyed[] {
  return checkSortable(input).map((value) => ({ key: value, value }));
}

function flatten(run: Run, input: Json, depth: Json): Json {
  if (typeof depth === "number" && depth < 0) fail("flatten depth must not be negative");
  if (typeof depth !== "number") return fail("flatten depth must not be negative");
  const items: Json[] = [];
  const stack: { readonly from: readonly Json[]; at: number; readonly depth: number }[] = [
    { from: itemsOf(input), at: 0, depth },
  ];
  for (let top = stack[0]; top !== undefined; top = stack[stack.length - 1]) {
    const item = top.from[top.at++];
    run.tick(1);
    if (item === undefined) stack.pop();
    else if (isArray(item) && top.depth > 0) stack.push({ from: item, at: 0, depth: top.depth - 1 });
    else items.push(item);
    run.checkItems(items.length);
  }
  return items;
}

function itemsOf(input: Json): readonly Json[] {
  if (isArray(input)) return input;
  return isObject(input) ? Object.values(input) : fail(`Cannot iterate over ${describe(input)}`);
}

function transpose(run: Run, input: Json): Json {
  const rows = itemsOf(input).map((row) => (isArray(row) ? row : fail(`Cannot index ${kindOf(row)} with number (0)`)));
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  run.tick(width * rows.length);
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? null));
}

function search(run: Run, input: Json, target: Json): Json {
  if (!isArray(input)) return fail(`${describe(input)} cannot be searched from`);
  let low = 0;
  let high = input.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareValues(input[middle]!, target, run);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1 - low;
}

function joinItems(run: Run, input: Json, separator: Json): Json {
  const items = itemsOf(input);
  if (items.length === 0) return "";
  if (typeof separator !== "string")
    return items.length === 1 && separator === null ? joinParts(run, items, "") : failJoin(run, items, separator);
  return joinParts(run, items, separator);
}

function failJoin(run: Run, items: readonly Json[], separator: Json): Json {
  const [first = null] = items;
  return fail(`${describe(partText(run, first, ""))} and ${describe(separator)} cannot be added`);
}

function joinParts(run: Run, items: readonly Json[], separator: string): Json {
  let text = "";
  for (const [index, item] of items.entries()) {
    run.tick(1);
    const head = index === 0 ? "" : text + separator;
    text = head + partText(run, item, head);
    run.checkText(text.length);
  }
  return text;
}

function partText(run: Run, item: Json, head: string): string {
  if (item === null) return "";
  if (typeof item === "object") return fail(`${describe(head)} and ${describe(item)} cannot be added`);
  return toText(run, item);
}

/** Functions on arrays. */
export const ARRAY_NATIVES: Natives = {
  "sort/0": native0(sortItems),
  "sort_by/1": byKey((run, keyed) => sortKeyed(run, keyed).map(({ value }) => value)),
  "group_by/1": byKey((run, keyed) => groupKeyed(run, sortKeyed(run, keyed))),
  "unique_by/1": byKey((run, keyed) => groupKeyed(run, sortKeyed(run, keyed)).map(([first = null]) => first)),
  "unique/0": native0((run, input) => groupKeyed(run, sortKeyed(run, keySelf(input))).map(([first = null]) => first)),
  "min/0": native0((run, input) => extreme(run, keySelf(input), -1)),
  "max/0": native0((run, input) => extreme(run, keySelf(input), 1)),
  "min_by/1": byKey((run, keyed) => extreme(run, keyed, -1)),
  "max_by/1": byKey((run, keyed) => extreme(run, keyed, 1)),
  "reverse/0": native0((_run, input) => {
    if (input === null) return [];
    if (typeof input === "string") return Array.from(input).toReversed().join("");
    return isArray(input) ? input.toReversed() : fail(`Cannot reverse ${describe(input)}`);
  }),
  "flatten/0": native0((run, input) => flatten(run, input, 1e9)),
  "flatten/1": native1(flatten),
  "transpose/0": native0(transpose),
  "bsearch/1": native1(search),
  "join/1": native1(joinItems),
};
