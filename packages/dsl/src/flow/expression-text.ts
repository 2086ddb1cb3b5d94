/**
 * True for a text that is an expression as a whole: `${ … }`.
 *
 * Text around it makes it a plain text: partial interpolation is no part of the language.
 */
export function isExpression(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length > 3 && trimmed.startsWith("${") && trimmed.endsWith("}");
}

/** The jq inside `${ }`; a text without the wrapping is given back as it is. */
export function unwrapExpression(text: string): string {
  return isExpression(text) ? text.trim().slice(2, -1) : text;
}

/** Where the jq of a text begins, counted from the text's first character. */
export function expressionOffset(text: string): number {
  return isExpression(text) ? text.length - text.trimStart().length + 2 : 0;
}
