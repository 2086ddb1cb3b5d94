import { isList, isObject, type Json, property } from "../json.ts";
import { CALL_PROTOCOLS } from "../tasks.ts";
import { joinPointer } from "../text/pointers.ts";
import { didYouMean } from "../text/suggest-name.ts";
import type { Finding, RecordUse } from "./findings.ts";

/** Names under `use`, by kind. */
export interface Declared {
  readonly authentications: readonly string[];
  readonly catalogs: readonly string[];
  readonly errors: readonly string[];
  readonly functions: readonly string[];
  readonly retries: readonly string[];
  readonly secrets: readonly string[];
  readonly timeouts: readonly string[];
}

/** Reads the names under `use` of a document, valid or not. */
export function readDeclared(document: Json): Declared {
  const use = property(document, "use");
  const keys = (kind: string): readonly string[] => {
    const map = property(use, kind);
    return isObject(map) ? Object.keys(map) : [];
  };
  const secrets = property(use, "secrets");
  return {
    authentications: keys("authentications"),
    catalogs: keys("catalogs"),
    errors: keys("errors"),
    functions: keys("functions"),
    retries: keys("retries"),
    secrets: isList(secrets) ? secrets.filter((name) => typeof name === "string") : [],
    timeouts: keys("timeouts"),
  };
}

/** A field whose text names a component under `use`. */
interface Reference {
  /** Field of the record. */
  readonly field: string;
  readonly kind: keyof Declared;
  readonly noun: string;
}

/** References by the name of the record they stand in. Timeouts stand in every task. */
const REFERENCES: ReadonlyMap<string, Reference> = new Map([
  ["authentication reference", { field: "use", kind: "authentications", noun: "authentication" }],
  ["secret reference", { field: "use", kind: "secrets", noun: "secret" }],
  ["raise", { field: "error", kind: "errors", noun: "error" }],
  ["catch", { field: "retry", kind: "retries", noun: "retry" }],
]);

const TIMEOUT: Reference = { field: "timeout", kind: "timeouts", noun: "timeout" };

/** Checks that what a document refers to is declared under `use`. */
export function checkReferences(records: readonly RecordUse[], declared: Declared): readonly Finding[] {
  return records.flatMap((use) => {
    const reference = REFERENCES.get(use.shape.name);
    const hasTimeout = use.shape.fields.some(({ name }) => name === TIMEOUT.field) && use.shape.name !== "MCP call";
    return [
      ...(reference === undefined ? [] : checkReference(use, reference, declared)),
      ...(hasTimeout ? checkReference(use, TIMEOUT, declared) : []),
      ...(use.shape.name === "function call task" ? checkFunction(use, declared) : []),
    ];
  });
}

function checkReference(use: RecordUse, { field, kind, noun }: Reference, declared: Declared): readonly Finding[] {
  const name = property(use.value, field);
  if (typeof name !== "string" || declared[kind].includes(name)) return [];
  return [
    {
      code: kind === "secrets" ? "undeclared-secret" : `unknown-${noun}`,
      severity: "error",
      pointer: joinPointer(use.pointer, field),
      at: "value",
      message: kind === "secrets" ? `Secret "${name}" is not declared` : `There is no ${noun} "${name}" in use.${kind}`,
      suggestion: didYouMean(name, declared[kind]) ?? `Add "${name}" to use.${kind}.`,
    },
  ];
}

/** A function is one of `use.functions`, `name:version`, `name:version@catalog`, or a URL. */
function checkFunction({ value, pointer }: RecordUse, declared: Declared): readonly Finding[] {
  const name = property(value, "call");
  if (typeof name !== "string" || declared.functions.includes(name) || /^[a-z][a-z0-9+.-]*:\/\//i.test(name)) return [];
  const at = { severity: "error", pointer: joinPointer(pointer, "call"), at: "value" } as const;
  const cataloged = /^[^\s:@]+:[^\s:@]+(?:@([^\s@]+))?$/.exec(name);
  if (cataloged !== null) {
    const catalog = cataloged[1] ?? "default";
    if (catalog === "default" || declared.catalogs.includes(catalog)) return [];
    const suggestion = didYouMean(catalog, [...declared.catalogs, "default"]) ?? `Add "${catalog}" to use.catalogs.`;
    return [
      { ...at, code: "unknown-catalog", message: `There is no catalog "${catalog}" in use.catalogs`, suggestion },
    ];
  }
  const suggestion =
    didYouMean(name, [...CALL_PROTOCOLS, ...declared.functions]) ??
    `Use ${CALL_PROTOCOLS.join(", ")}, or add "${name}" to use.functions.`;
  return [{ ...at, code: "unknown-function", message: `There is no function "${name}" in use.functions`, suggestion }];
}
