/**
 * Cuts a text of several JSON values, one behind the other with or without white space between, into one text each.
 * It only finds the borders: whether a piece is JSON is for its parser to say.
 */
export function splitJsonTexts(text: string): readonly string[] {
  const pieces: string[] = [];
  let start = -1;
  let depth = 0;
  const end = (at: number) => {
    if (start >= 0) pieces.push(text.slice(start, at));
    start = -1;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') {
      if (depth === 0 && start >= 0) end(at);
      if (start < 0) start = at;
      at = endOfString(text, at);
      if (depth === 0) end(at + 1);
    } else if (character === "{" || character === "[") {
      if (depth === 0) end(at);
      if (start < 0) start = at;
      depth++;
    } else if (character === "}" || character === "]") {
      if (start < 0) start = at;
      depth--;
      if (depth <= 0) {
        depth = 0;
        end(at + 1);
      }
    } else if (/\s/.test(character)) {
      if (depth === 0) end(at);
    } else if (start < 0) start = at;
  }
  end(text.length);
  return pieces;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\") at++;
    else if (character === '"') return at;
  }
  return text.length - 1;
}
