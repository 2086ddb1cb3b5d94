import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ERROR_REASONS } from "../packages/api/src/error-reasons.ts";
import { ROOT, readSourceFiles } from "./source-files.ts";
import { renderGuide } from "./write-guide.ts";

const GUIDE = "docs/guide";
const pages = [
  ...readdirSync(join(ROOT, GUIDE)).map((name) => `${GUIDE}/${name}`),
  ...["README.md", "ARCHITECTURE.md", "CHANGELOG.md"],
].filter((path) => path.endsWith(".md"));

describe("docs/guide", () => {
  test.each(Object.entries(renderGuide()))("%s is as the code says (node tools/write-guide.ts)", (path, text) => {
    expect(readFileSync(join(ROOT, path), "utf8")).toBe(text);
  });

  test("errors.md has a paragraph for each reason that exists, and no other", () => {
    const text = readFileSync(join(ROOT, GUIDE, "errors.md"), "utf8");
    const explained = [...text.matchAll(/^### ([A-Z_]+)\n(?=\S)/gm)].map(([, reason = ""]) => reason);
    expect(explained.toSorted()).toEqual([...existingReasons()].toSorted());
  });

  test.each(pages)("%s links to nothing that is missing", (path) => {
    const links = [...readFileSync(join(ROOT, path), "utf8").matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)];
    const missing = links.filter(([, target = ""]) => !existsSync(join(ROOT, dirname(path), target)));
    expect(missing.map(([link]) => link)).toEqual([]);
  });

  test.each(pages)("%s shows documents as they stand in their files", (path) => {
    const blocks = [
      ...readFileSync(join(ROOT, path), "utf8").matchAll(/^```yaml\n# (examples\/\S+)\n([\s\S]*?)^```$/gm),
    ];
    for (const [, file = "", shown = ""] of blocks) {
      expect(withoutHeadComment(readFileSync(join(ROOT, file), "utf8"))).toBe(shown);
    }
  });
});

/** The reasons of the table, and those that only the command line and the runners know. */
function existingReasons(): ReadonlySet<string> {
  const sources = readSourceFiles((path) => /^packages\/(cli|runner-link)\/src\/.*(?<!\.test)\.ts$/.test(path));
  const own = sources.flatMap(({ text }) =>
    [...text.matchAll(/(?:reason: |refuse\()"([A-Z_]{4,})"/g)].map(([, reason = ""]) => reason),
  );
  return new Set([...Object.keys(ERROR_REASONS), ...own]);
}

function withoutHeadComment(text: string): string {
  return text.replace(/^(#.*\n)+/, "");
}
