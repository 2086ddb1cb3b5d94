import { readSourceFiles, type SourceFile } from "./source-files.ts";

/** What may not stand in the tree, with the reason. */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, reason: "plans belong into issues" },
  { pattern: /\b(test|describe|it)\.(skip|only|todo)\(/, reason: "a test that does not run" },
  { pattern: /(^|[\s"'`(=])\/(work|root|farm)\//, reason: "a path of one machine" },
  {
    pattern: /registry\.npm|proxy\.golang|deb\.debian|pypi\.org|repo1\.maven|static\.crates/,
    reason: "a registry host",
  },
];

/** This file names the words that it looks for. */
const SELF = "tools/check-words.ts";

/** Every forbidden word, as `path:line: reason`. */
export function findForbiddenWords(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, at) =>
        FORBIDDEN.flatMap(({ pattern, reason }) => (pattern.test(line) ? [`${path}:${at + 1}: ${reason}`] : [])),
      ),
  );
}

if (import.meta.main) {
  const isRead = (path: string) => path !== SELF && path !== "package-lock.json" && !/\.(binpb|png|gz)$/.test(path);
  const found = findForbiddenWords(readSourceFiles(isRead));
  for (const message of found) console.error(message);
  process.exitCode = found.length === 0 ? 0 : 1;
}
