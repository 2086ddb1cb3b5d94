import type { CallSpec, Json } from "@stigmer/dsl";
import type { CaseRun } from "./case-run.ts";
import type { Mismatch } from "./expectation.ts";
import { isMap, matchesPartially, project } from "./match-json.ts";
import { isSelected, type Work } from "./work.ts";

/** Whether the world was asked for what is expected, as often as it is. */
export function checkCalls(calls: readonly CallSpec[], run: CaseRun, at: string): readonly Mismatch[] {
  return calls.flatMap((call, index) => checkCall(call, run, `${at}/${index}`));
}

function checkCall(call: CallSpec, run: CaseRun, pointer: string): readonly Mismatch[] {
  const selected = [...run.works, ...openFunctions(call, run)].filter((work) => isSelected(call, work));
  const fitting = selected.filter((work) => fits(call, work));
  const { times } = call;
  if (times === undefined ? fitting.length > 0 : fitting.length === times) return [];
  const wanted = times === undefined ? "at least once" : `${times} times`;
  const message = `It was to be called ${wanted}, ${fitting.length} calls fit${othersOf(selected.length, fitting.length)}`;
  const [nearest] = selected;
  if (nearest === undefined || fitting.length > 0 || (call.body === undefined && call.headers === undefined)) {
    return [{ pointer, message }];
  }
  const expected = asked(call.headers, call.body);
  const actual = project(expected, asked(nearest.headers ?? null, nearest.body));
  return [{ pointer, message, compare: { expected, actual } }];
}

function othersOf(selected: number, fitting: number): string {
  return selected > fitting ? ` and ${selected - fitting} others do not` : "";
}

function asked(headers: Json | undefined, body: Json | undefined): Json {
  return { ...(headers === undefined ? {} : { headers: lowerCase(headers) }), ...(body === undefined ? {} : { body }) };
}

function fits({ headers, body }: CallSpec, work: Work): boolean {
  if (headers !== undefined && !matchesPartially(lowerCase(headers), lowerCase(work.headers ?? null))) return false;
  return body === undefined || matchesPartially(body, work.body);
}

/** Names of headers do not mind capitals. */
function lowerCase(headers: Json): Json {
  if (!isMap(headers)) return headers;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Calls of functions that no mock stands for: the task of the function says that it ran, not with what. */
function openFunctions({ function: name }: CallSpec, run: CaseRun): readonly Work[] {
  if (name === undefined || run.works.some((work) => work.function === name)) return [];
  return run.report.tasks
    .filter((task) => task.name === name && task.reference.endsWith("/call"))
    .map(({ reference }) => ({ kind: "function", reference, task: name, function: name, body: null }));
}
