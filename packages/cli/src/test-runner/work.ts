import { type Json, splitPointer, type WorkSelector } from "@stigmer/dsl";
import { isMap } from "./match-json.ts";

/** Something that a run asked of the world. */
export interface Work {
  /** `http`, `shell`, `agent`, …: a row of the kinds that mocks know, or an inner kind of agents. */
  readonly kind: string;
  /** Reference of the task, such as `/do/0/fetch`. */
  readonly reference: string;
  readonly task: string;
  readonly address?: string;
  readonly method?: string;
  readonly headers?: Json;
  /** Body of an HTTP call, arguments of a mocked function; the whole input of everything else. */
  readonly body: Json;
  /** Name of the mocked function that stands for this. */
  readonly function?: string;
}

/** Scheme of the addresses that stand for mocked functions. */
export const FUNCTION_SCHEME = "stigmer-mock:";

/** Describes an effect or a child by its key and its input, with its secrets filled in. */
export function describeWork(kind: string, key: string, input: Json): Work {
  const reference = key.replace(/#.*$/, "").replace(/\/resource$/, "");
  const task = splitPointer(reference).at(-1) ?? reference;
  const base = { kind, reference, task };
  const address = addressIn(input);
  if (kind !== "http") return { ...base, ...(address === undefined ? {} : { address }), body: input };
  const body = member(input, "body") ?? null;
  if (address?.startsWith(FUNCTION_SCHEME)) {
    const name = decodeURIComponent(address.slice(FUNCTION_SCHEME.length));
    // The stand-in runs one step below the call itself.
    const caller = reference.replace(/\/call$/, "");
    return { kind: "function", reference: caller, task: splitPointer(caller).at(-1) ?? name, function: name, body };
  }
  const method = member(input, "method");
  const headers = member(input, "headers");
  return {
    ...base,
    body,
    ...(address === undefined ? {} : { address }),
    ...(typeof method === "string" ? { method } : {}),
    ...(headers === undefined ? {} : { headers }),
  };
}

/** Whether a selector means this work. */
export function isSelected(selector: WorkSelector, work: Work): boolean {
  const { task, url, kind, method } = selector;
  if (method !== undefined && method.toUpperCase() !== work.method?.toUpperCase()) return false;
  if (task !== undefined) return task === work.task || task === work.reference;
  if (url !== undefined) return work.address !== undefined && fitsPattern(url, work.address);
  if (selector.function !== undefined) return selector.function === work.function;
  return kind === work.kind;
}

/** One line about a piece of work, for messages. */
export function nameWork(work: Work): string {
  const what = work.function === undefined ? [work.method, work.address ?? work.kind] : ["function", work.function];
  return `task "${work.task}" (${work.reference}) asks for ${what.filter((part) => part !== undefined).join(" ")}`;
}

/** `*` stands for any text; a pattern without a query fits every query. */
function fitsPattern(pattern: string, address: string): boolean {
  const whole = pattern.includes("?") || pattern.endsWith("*") ? address : address.replace(/[?#].*$/, "");
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return whole === pattern;
  if (!whole.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const piece of rest) {
    const found = whole.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return whole.length - last.length >= at && whole.endsWith(last);
}

/** The address that an input names, wherever its kind keeps it; the query that came apart is put behind it. */
function addressIn(input: Json): string | undefined {
  const places = [
    ["uri"],
    ["endpoint"],
    ["server"],
    ["document", "endpoint"],
    ["transport", "http", "endpoint"],
    ["agentCard", "endpoint"],
  ];
  for (const place of places) {
    const found = place.reduce<Json | undefined>((value, name) => member(value, name), input);
    const address = typeof found === "string" ? found : member(found, "uri");
    if (typeof address === "string") return withQuery(address, member(input, "query"));
  }
  return undefined;
}

function withQuery(address: string, query: Json | undefined): string {
  if (!isMap(query) || Object.keys(query).length === 0) return address;
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    words.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return `${address}${address.includes("?") ? "&" : "?"}${words}`;
}

function member(value: Json | undefined, name: string): Json | undefined {
  return isMap(value) ? value[name] : undefined;
}
