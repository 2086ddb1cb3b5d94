import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./source-files.ts";

const TABLE = "packages/dsl/src/validate/unsupported-features.ts";

/** What validation refuses as "not supported yet", as a Markdown list; read from the table that validation uses. */
export function listUnsupported(): string {
  const source = readFileSync(join(ROOT, TABLE), "utf8");
  const rows = source.matchAll(/\{\s*record: "[^"]+",[^}]*?what: "([^"]+)",?\s*\}/g);
  return [...rows].map(([row, what]) => `- ${what}${describeExceptions(row)}\n`).join("");
}

function describeExceptions(row: string): string {
  const except = /except: \[([^\]]*)\]/.exec(row)?.[1];
  return except === undefined ? "" : ` (those that run: ${except.replaceAll('"', "`")})`;
}
