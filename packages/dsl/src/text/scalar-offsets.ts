/** How a string was written in YAML or JSON. */
export type ScalarStyle = "plain" | "single" | "double" | "literal" | "folded";

/**
 * Offset in the text of character `index` of a string, undoing quotes, escapes, folded lines and indentation.
 *
 * Exact for everything but more-indented lines in folded blocks, where it may be off within the line.
 */
export function offsetInScalar(text: string, start: number, end: number, style: ScalarStyle, index: number): number {
  switch (style) {
    case "plain":
      return walkFlow(text, start, end, index, "");
    case "single":
      return walkFlow(text, start + 1, end, index, "'");
    case "double":
      return walkFlow(text, start + 1, end, index, "\\");
    case "literal":
    case "folded":
      return walkBlock(text, start, end, index);
  }
}

/** Walks a flow scalar; `quote` is the character that begins an escape. A folded line break counts as one character. */
function walkFlow(text: string, start: number, end: number, index: number, quote: string): number {
  let at = start;
  for (let seen = 0; seen < index && at < end; seen++) {
    if (text[at] === "\\" && quote === "\\") at += escapeLength(text, at);
    else if (text[at] === "'" && quote === "'") at += 2;
    else at += breakLength(text, at) || 1;
  }
  return Math.min(at, end);
}

function escapeLength(text: string, at: number): number {
  switch (text[at + 1]) {
    case "x":
      return 4;
    case "u":
      return 6;
    case "U":
      return 10;
    default:
      return 2;
  }
}

/** Length of white space around line breaks that folds to one character, 0 when there is no break here. */
function breakLength(text: string, at: number): number {
  let next = at;
  while (text[next] === " " || text[next] === "\t") next++;
  if (text[next] !== "\n" && text[next] !== "\r") return 0;
  while (text[next] === " " || text[next] === "\t" || text[next] === "\n" || text[next] === "\r") next++;
  return next - at;
}

function walkBlock(text: string, start: number, end: number, index: number): number {
  const header = text.indexOf("\n", start);
  if (header < 0 || header >= end) return start;
  const indent = blockIndent(text, start, header, end);
  let line = header + 1;
  let left = index;
  while (line < end) {
    const lineEnd = text.indexOf("\n", line);
    const stop = lineEnd < 0 || lineEnd > end ? end : lineEnd;
    const content = Math.min(line + indent, stop);
    if (left <= stop - content) return content + left;
    left -= stop - content + 1;
    line = stop + 1;
  }
  return end;
}

/** Indentation that the block removes: that of its first line with content, or the header's own number. */
function blockIndent(text: string, start: number, header: number, end: number): number {
  const lines = text.slice(header + 1, end).split("\n");
  const first = lines.find((line) => line.trim() !== "") ?? "";
  const indent = first.length - first.trimStart().length;
  const explicit = /[1-9]/.exec(text.slice(start, header).split("#")[0] ?? "");
  return explicit === null ? indent : Math.min(indent, Math.max(Number(explicit[0]), 1) + outerIndent(text, start));
}

/** Indentation of the line on which the block's header stands. */
function outerIndent(text: string, start: number): number {
  const line = text.slice(text.lastIndexOf("\n", start) + 1, start);
  return line.length - line.trimStart().length;
}
