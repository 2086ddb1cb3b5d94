import { isOwnTypeScript, isTest, readSourceFiles, type SourceFile } from "./source-files.ts";

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 60;

/** Files that may be longer, each with its reason. */
const NAMED_EXCEPTIONS: Readonly<Record<string, string>> = {};

/** Every file and function that is too long, as `path:line: message`. The formatter's layout is taken for granted. */
export function findOversized(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split("\n");
    const found = longFunctions(lines).map(
      ({ line, length }) => `${path}:${line}: a function of ${length} lines, ${MAX_FUNCTION_LINES} are the limit`,
    );
    if (lines.length <= MAX_FILE_LINES || NAMED_EXCEPTIONS[path] !== undefined) return found;
    return [...found, `${path}: ${lines.length} lines, ${MAX_FILE_LINES} are the limit`];
  });
}

function longFunctions(lines: readonly string[]): readonly { readonly line: number; readonly length: number }[] {
  return lines.flatMap((text, start) => {
    if (!opensFunction(text)) return [];
    const indent = /^\s*/.exec(text)?.[0] ?? "";
    const end = lines.findIndex((line, at) => at > start && line.startsWith(`${indent}}`));
    const length = end - start + 1;
    return end > 0 && length > MAX_FUNCTION_LINES ? [{ line: start + 1, length }] : [];
  });
}

function opensFunction(text: string): boolean {
  if (!text.endsWith("{")) return false;
  return /^\s*(export )?(default )?(async )?function\b/.test(text) || /=>\s*\{$/.test(text) || isMethod(text);
}

function isMethod(text: string): boolean {
  const name = /^\s+(?:static |async |override |get |set |\*)*(#?\w+)\(.*\)(: [^{]+)? \{$/.exec(text)?.[1];
  return name !== undefined && !["if", "for", "while", "switch", "catch"].includes(name);
}

if (import.meta.main) {
  const oversized = findOversized(readSourceFiles((path) => isOwnTypeScript(path) && !isTest(path)));
  for (const message of oversized) console.error(message);
  process.exitCode = oversized.length === 0 ? 0 : 1;
}
