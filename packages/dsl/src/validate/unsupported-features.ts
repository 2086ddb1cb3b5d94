import { property } from "../json.ts";
import { joinPointer } from "../text/pointers.ts";
import type { Finding, RecordUse, Walk } from "./findings.ts";

/** A feature of the language that this release cannot run. */
interface Unsupported {
  /** Name of the record in the grammar. */
  readonly record: string;
  /** The field whose presence counts. */
  readonly field: string;
  /** The values that run; absent means none does. */
  readonly except?: readonly string[];
  /** What it is, as in "… is not supported yet". */
  readonly what: string;
}

/** Everything that the grammar knows and the interpreter of this release does not run. The list shrinks, nothing else. */
const UNSUPPORTED: readonly Unsupported[] = [
  { record: "script", field: "language", except: ["js", "javascript", "python"], what: "This language of scripts" },
  {
    record: "schema",
    field: "format",
    except: ["json", "json:2020-12", "json:draft-07"],
    what: "This format of schemas",
  },
];

/** Finds what this release cannot run yet. */
export function findUnsupported({ records }: Walk): readonly Finding[] {
  return records.flatMap((use) => UNSUPPORTED.filter((row) => applies(row, use)).map((row) => report(row, use)));
}

function applies(row: Unsupported, { shape, value }: RecordUse): boolean {
  if (row.record !== shape.name || !Object.hasOwn(value, row.field)) return false;
  const text = property(value, row.field);
  return row.except === undefined || (typeof text === "string" && !row.except.includes(text));
}

function report({ field, what, except }: Unsupported, { pointer }: RecordUse): Finding {
  return {
    code: "not-supported-yet",
    severity: "error",
    pointer: joinPointer(pointer, field),
    at: except === undefined ? "key" : "value",
    message: `${what} is not supported yet`,
    suggestion: except === undefined ? undefined : `Supported are ${except.join(", ")}.`,
  };
}
