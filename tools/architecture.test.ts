import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { IMPORT_LAW } from "./import-law.ts";
import { ROOT } from "./source-files.ts";

const text = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");

describe("ARCHITECTURE.md", () => {
  test("names only files that exist", () => {
    const named = [...text.matchAll(/`([\w./-]+\/[\w./-]+\.(?:ts|proto|md))`/g)].map(([, path = ""]) => path);
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("states the import law as it is checked", () => {
    const rows = [...text.matchAll(/^\| `([\w/-]+)` \| [^|]+ \| (all|nothing|`[^|]+`) \|$/gm)];
    const stated = Object.fromEntries(rows.map(([, folder = "", may = ""]) => [folder, readAllowed(may)]));
    expect(stated).toEqual(IMPORT_LAW);
  });
});

function readAllowed(cell: string): readonly string[] {
  if (cell === "all") return ["*"];
  return cell === "nothing" ? [] : cell.split(", ").map((name) => name.replaceAll("`", ""));
}
