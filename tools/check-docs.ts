import { isOwnTypeScript, isTest, readSourceFiles, type SourceFile } from "./source-files.ts";

const EXPORT = /^export (?:abstract )?(?:async )?(?:function\*?|class|interface|type|const) (\w+)/;

/** Every export without a docstring, as `path:line: message`. Parameter objects are explained by their function. */
export function findUndocumented(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split("\n");
    return lines.flatMap((line, at) => {
      const name = EXPORT.exec(line)?.[1];
      if (name === undefined || isExplainedElsewhere(name, line) || isDocumented(lines, at)) return [];
      return [`${path}:${at + 1}: export ${name} has no docstring`];
    });
  });
}

/** Parameter objects belong to their function; a union of a list's members stands beside the list; overloads share. */
function isExplainedElsewhere(name: string, line: string): boolean {
  return /(Params|Options|Props)$/.test(name) || /^export type \w+ = \(?typeof /.test(line);
}

function isDocumented(lines: readonly string[], at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (lines[before]?.startsWith("export function") || lines[before]?.startsWith("// biome")))
    before--;
  return lines[before]?.trimEnd().endsWith("*/") === true;
}

if (import.meta.main) {
  const found = findUndocumented(readSourceFiles((path) => isOwnTypeScript(path) && !isTest(path)));
  for (const message of found) console.error(message);
  process.exitCode = found.length === 0 ? 0 : 1;
}
