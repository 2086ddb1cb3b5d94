import { type Json, property } from "../json.ts";
import { checkSchemaText } from "../schema/inspect-schema.ts";
import { parseVersion } from "../semantic-versions.ts";
import { STANDARD_ERRORS, standardErrorName } from "../standard-errors.ts";
import { joinPointer } from "../text/pointers.ts";
import { didYouMean } from "../text/suggest-name.ts";
import { checkHumanCall } from "./check-human.ts";
import { checkSchedule } from "./check-schedule.ts";
import type { Finding, RecordUse, Walk } from "./findings.ts";
import { literalMs } from "./literal-duration.ts";
import { STANDARD_VARIABLES } from "./scopes.ts";

const KNOWN_VERSIONS: readonly string[] = ["1.0.0", "1.0.1", "1.0.2", "1.0.3"];

/** Checks on the meaning of single records, by the record's name. */
const CHECKS: ReadonlyMap<string, (use: RecordUse) => readonly Finding[]> = new Map([
  ["document", checkVersion],
  ["error", checkErrorType],
  ["error filter", checkErrorType],
  ["jitter", checkJitter],
  ["container lifetime", checkLifetime],
  ["schedule", checkSchedule],
  ["human call", checkHumanCall],
]);

/** Checks what needs more than the grammar: versions, error types, ranges, schemas, names of variables. */
export function checkMeaning({ records, schemas }: Walk): readonly Finding[] {
  return [
    ...records.flatMap((use) => CHECKS.get(use.shape.name)?.(use) ?? []),
    ...records.flatMap(checkBoundNames),
    ...schemas
      .filter(({ pointer }) => !isOtherFormat(pointer, records))
      .flatMap(({ pointer, schema }) =>
        checkSchemaText(schema).map((problem) => ({
          code: "invalid-schema",
          severity: "error" as const,
          pointer: `${pointer}${problem.pointer}`,
          at: "value" as const,
          message: problem.message,
          suggestion: problem.suggestion,
        })),
      ),
  ];
}

/** True for a document of a schema whose format is not JSON Schema. */
function isOtherFormat(pointer: string, records: readonly RecordUse[]): boolean {
  const parent = records.find((use) => use.shape.name === "schema" && `${use.pointer}/document` === pointer);
  const format = property(parent?.value, "format");
  return typeof format === "string" && format.split(":")[0] !== "json";
}

function checkVersion({ value, pointer }: RecordUse): readonly Finding[] {
  const dsl = property(value, "dsl");
  const version = typeof dsl === "string" ? parseVersion(dsl) : undefined;
  if (typeof dsl !== "string" || version === undefined || KNOWN_VERSIONS.includes(dsl)) return [];
  const isOther = version.major !== 1;
  return [
    {
      code: isOther ? "unsupported-dsl-version" : "unknown-dsl-version",
      severity: isOther ? "error" : "warning",
      pointer: joinPointer(pointer, "dsl"),
      at: "value",
      message: isOther
        ? `Version ${dsl} of the language is another language than 1.0`
        : `Version ${dsl} of the language is not known here; it is read like ${KNOWN_VERSIONS.at(-1)}`,
      suggestion: `Known versions are ${KNOWN_VERSIONS.join(", ")}.`,
    },
  ];
}

function checkErrorType({ value, pointer }: RecordUse): readonly Finding[] {
  const type = property(value, "type");
  const name = typeof type === "string" ? standardErrorName(type) : undefined;
  if (name === undefined || Object.hasOwn(STANDARD_ERRORS, name)) return [];
  const known = Object.keys(STANDARD_ERRORS);
  return [
    {
      code: "unknown-error-type",
      severity: "warning",
      pointer: joinPointer(pointer, "type"),
      at: "value",
      message: `"${name}" is none of the specification's errors`,
      suggestion: didYouMean(name, known) ?? `They are ${known.join(", ")}.`,
    },
  ];
}

function checkJitter({ value, pointer }: RecordUse): readonly Finding[] {
  const [from, to] = [property(value, "from"), property(value, "to")].map(literalMs);
  if (from === undefined || to === undefined || from <= to) return [];
  const message = 'Jitter must not have "from" above "to"';
  return [{ code: "empty-range", severity: "error", pointer: joinPointer(pointer, "from"), at: "value", message }];
}

function checkLifetime({ value, pointer }: RecordUse): readonly Finding[] {
  const isLater = property(value, "cleanup") === "eventually";
  const hasAfter = Object.hasOwn(value, "after");
  if (isLater === hasAfter) return [];
  return [
    isLater
      ? { code: "missing-field", severity: "error", pointer, at: "key", message: 'Cleanup "eventually" needs "after"' }
      : {
          code: "misplaced-field",
          severity: "error",
          pointer: joinPointer(pointer, "after"),
          at: "key",
          message: '"after" is only allowed with cleanup "eventually"',
        },
  ];
}

/** A loop or a catch that takes the name of a standard variable hides it. */
function checkBoundNames({ shape, value, pointer }: RecordUse): readonly Finding[] {
  return (shape.binds ?? []).flatMap(({ from }) => {
    let at = pointer;
    let named: Json | undefined = value;
    for (const key of from) {
      named = property(named, key);
      at = joinPointer(at, key);
    }
    if (typeof named !== "string" || !STANDARD_VARIABLES.includes(named)) return [];
    const message = `A variable called "${named}" hides the specification's $${named}`;
    return [{ code: "hidden-variable", severity: "warning" as const, pointer: at, at: "value" as const, message }];
  });
}
