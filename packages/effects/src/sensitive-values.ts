import { DurableFailure, type Failure, type Json } from "@stigmer/durable";
import { createRedactor, type Redactor } from "@stigmer/lifecycle";
import { isList, isObject } from "./read-input.ts";

/** The secret values that one effect has seen. */
export interface SensitiveValues {
  /** True before the first value: nothing can be redacted. */
  readonly isEmpty: boolean;
  /** Remembers every text and number in a value, also as it looks in URLs and in base64. */
  add(value: Json): void;
  /** True when a text holds one of them. */
  isIn(text: string): boolean;
  redact(text: string): string;
}

/** A set that is empty at first; what is added goes to `also` too, such as the redactor of the process's log. */
export function createSensitiveValues(also?: Redactor): SensitiveValues {
  const redactor = createRedactor();
  let isEmpty = true;
  const remember = (text: string) => {
    isEmpty = false;
    for (const form of [text, encodeURIComponent(text), formEncoded(text), Buffer.from(text).toString("base64")]) {
      redactor.add(form);
      also?.add(form);
    }
  };
  const add = (value: Json): void => {
    if (typeof value === "string") remember(value.isWellFormed() ? value : value.toWellFormed());
    else if (typeof value === "number") remember(String(value));
    else if (isList(value)) for (const item of value) add(item);
    else if (isObject(value)) for (const item of Object.values(value)) add(item);
  };
  const redact = (text: string) => redactor.redact(text);
  return {
    add,
    redact,
    isIn: (text) => redact(text) !== text,
    get isEmpty() {
      return isEmpty;
    },
  };
}

/** As it stands in a query or a form: other than `encodeURIComponent` writes it. */
function formEncoded(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}

/** What stands in the place of a whole secret. */
const REDACTED = "[redacted]";

/** The failure without any of the secret values. */
export function redactFailure(failed: DurableFailure, sensitive: SensitiveValues): DurableFailure {
  const { detail, title, data, ...rest } = failed.failure;
  const clean: Failure = {
    ...rest,
    ...(title === undefined ? {} : { title: sensitive.redact(title) }),
    ...(detail === undefined ? {} : { detail: sensitive.redact(detail) }),
    ...(data === undefined ? {} : { data: redactJson(data, sensitive) }),
  };
  return new DurableFailure(clean);
}

/** The value with every text in it redacted, names of properties too; a number only when it is the secret itself. */
export function redactJson(value: Json, sensitive: SensitiveValues): Json {
  if (sensitive.isEmpty) return value;
  if (typeof value === "string") return sensitive.redact(value);
  if (typeof value === "number") return sensitive.redact(String(value)) === REDACTED ? REDACTED : value;
  if (isList(value)) return value.map((item) => redactJson(item, sensitive));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [sensitive.redact(name), redactJson(item, sensitive)]),
  );
}
