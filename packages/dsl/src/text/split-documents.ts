/** One document of a file of several. */
export interface DocumentText {
  readonly text: string;
  /** Line of the file on which the text begins, from 1. */
  readonly firstLine: number;
}

const SEPARATOR = /^---(?=[ \t\r]|$)/;
const END = /^\.\.\.(?=[ \t\r]|$)/;

/**
 * Splits a file at its `---` lines; documents without content are left out.
 *
 * A line that starts with three dashes cannot be part of a value in YAML, so lines are enough.
 */
export function splitDocuments(text: string): readonly DocumentText[] {
  const documents: DocumentText[] = [];
  let lines: string[] = [];
  let firstLine = 1;
  const close = () => {
    if (lines.some(hasContent)) documents.push({ text: lines.join("\n"), firstLine });
  };
  for (const [index, line] of text.split("\n").entries()) {
    if (SEPARATOR.test(line) || END.test(line)) {
      close();
      lines = [line.slice(3).trim() === "" || END.test(line) ? "" : `   ${line.slice(3)}`];
      firstLine = index + 1;
    } else {
      lines.push(line);
    }
  }
  close();
  return documents;
}

function hasContent(line: string): boolean {
  const content = line.trim();
  return content !== "" && !content.startsWith("#") && !content.startsWith("%");
}
