import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderCliGuide } from "./render-cli-guide.ts";
import { ROOT } from "./source-files.ts";
import { listUnsupported } from "./unsupported-list.ts";

const LIMITS = "docs/guide/limits.md";
const LIST = /(<!-- not supported: begin -->\n)[\s\S]*?(<!-- not supported: end -->)/;

/** The pages of the guide that follow from the code, as `path: text`. `node tools/write-guide.ts` writes them. */
export function renderGuide(): Readonly<Record<string, string>> {
  const limits = readFileSync(join(ROOT, LIMITS), "utf8");
  return {
    "docs/guide/cli.md": renderCliGuide(),
    [LIMITS]: limits.replace(LIST, (_, begin: string, end: string) => `${begin}${listUnsupported()}${end}`),
  };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(renderGuide())) writeFileSync(join(ROOT, path), text);
}
