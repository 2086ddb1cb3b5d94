import { addValues } from "./arithmetic.ts";
import { type Code, codeOfOne, type Env } from "./code.ts";
import { compareValues } from "./compare.ts";
import { describe, fail } from "./errors.ts";
import { isArray, isObject, type Json, kindOf } from "./json.ts";
import { formatNumber } from "./json-text.ts";
import { collect } from "./leaving.ts";
import { type MakeCall, type Natives, native0, native1 } from "./native.ts";
import { lengthOf, toText } from "./natives-value.ts";
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

function keyItems(run: Run, env: Env | undefined, items: readonly Json[], by: Code): Keyed[] {
  return items.map((value) => {
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

function byKey(refusal: string, finish: (run: Run, keyed: readonly Keyed[]) => Json): MakeCall {
  return ([by], at) =>
    codeOfOne((run, env, input) => {
      run.at = at;
      if (by === undefined) return undefined;
      const keyed = keyItems(run, env, itemsOf(input), by);
      if (isArray(input)) return finish(run, keyed);
      return fail(`${describe(input)} and ${describe(keyed.map(({ key }) => key))} ${refusal}`);
    });
}

const UNSORTABLE = "cannot be sorted, as they are not both arrays";
const UNITERABLE = "cannot be iterated over";

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

function keyIterable(input: Json): Keyed[] {
  return isArray(input) ? keySelf(input) : fail(`${describe(input)} and ${describe(input)} ${UNITERABLE}`);
}

function flatten(run: Run, input: Json, depth: Json): Json {
  if (compareValues(depth, 0, run) < 0) return fail("flatten depth must not be negative");
  const items: Json[] = [];
  const stack: { readonly from: readonly Json[]; at: number; readonly depth: Json }[] = [
    { from: itemsOf(input), at: 0, depth },
  ];
  for (let top = stack[0]; top !== undefined; top = stack[stack.length - 1]) {
    const item = top.from[top.at++];
    run.tick(1);
    if (item === undefined) stack.pop();
    else if (isArray(item) && top.depth !== 0) {
      if (typeof top.depth !== "number") return fail(`${describe(top.depth)} and number (1) cannot be subtracted`);
      stack.push({ from: item, at: 0, depth: top.depth - 1 });
    } else items.push(item);
    run.checkItems(items.length);
  }
  return items;
}

/** Items from the last to the first; for other kinds jq indexes with the length less one. */
function reverse(_run: Run, input: Json): Json {
  if (isArray(input)) return input.toReversed();
  const length = lengthOf(input);
  return length <= 0 ? [] : fail(`Cannot index ${kindOf(input)} with number (${formatNumber(length - 1)})`);
}

function itemsOf(input: Json): readonly Json[] {
  if (isArray(input)) return input;
  return isObject(input) ? Object.values(input) : fail(`Cannot iterate over ${describe(input)}`);
}

function search(run: Run, input: Json, target: Json): Json {
  if (!isArray(input)) return fail(`${describe(input)} cannot be searched from`);
  let low = 0;
  let high = input.length;
  while (low < high) {
    run.tick(1);
    const middle = low + ((high - low) >> 1);
    const order = compareValues(input[middle]!, target, run);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1 - low;
}

/** As the sum of items and separators that jq makes it: the separator is added to the text before the item. */
function joinItems(run: Run, input: Json, separator: Json): Json {
  const items = itemsOf(input);
  let text: Json = null;
  for (const item of items) {
    run.tick(1);
    const head: Json = text === null ? "" : addValues(run, text, separator);
    text = addValues(run, head, partText(run, head, item));
  }
  return text ?? "";
}

function partText(run: Run, head: Json, item: Json): Json {
  if (item === null) return "";
  if (typeof item === "object") return fail(`${describe(head)} and ${describe(item)} cannot be added`);
  return toText(run, item);
}

/** Functions on arrays. */
export const ARRAY_NATIVES: Natives = {
  "sort/0": native0(sortItems),
  "sort_by/1": byKey(UNSORTABLE, (run, keyed) => sortKeyed(run, keyed).map(({ value }) => value)),
  "group_by/1": byKey(UNSORTABLE, (run, keyed) => groupKeyed(run, sortKeyed(run, keyed))),
  "unique_by/1": byKey(UNSORTABLE, (run, keyed) =>
    groupKeyed(run, sortKeyed(run, keyed)).map(([first = null]) => first),
  ),
  "unique/0": native0((run, input) => groupKeyed(run, sortKeyed(run, keySelf(input))).map(([first = null]) => first)),
  "min/0": native0((run, input) => extreme(run, keyIterable(input), -1)),
  "max/0": native0((run, input) => extreme(run, keyIterable(input), 1)),
  "min_by/1": byKey(UNITERABLE, (run, keyed) => extreme(run, keyed, -1)),
  "max_by/1": byKey(UNITERABLE, (run, keyed) => extreme(run, keyed, 1)),
  "reverse/0": native0(reverse),
  "flatten/0": native0((run, input) => flatten(run, input, 1e9)),
  "flatten/1": native1(flatten),
  "bsearch/1": native1(search),
  "join/1": native1(joinItems),
};
