import { parseCharEscape, parseClassEscape } from "./regex-escape.ts";
import type { RegexOptions, RegexReader } from "./regex-reader.ts";
import { type CharClass, type CharSet, POSIX_CLASSES, setContains } from "./regex-set.ts";

/** A bracket class; the reader stands behind `[`. */
export function parseClass(reader: RegexReader, options: RegexOptions): CharSet {
  reader.open();
  const negated = reader.skipText("^");
  const ranges: (readonly [number, number])[] = [];
  const classes: CharClass[] = [];
  let first = true;
  for (;;) {
    if (reader.atEnd()) reader.fail("premature end of char-class");
    if (!first && reader.skipText("]")) break;
    if (reader.skipText("&&")) {
      classes.splice(0, classes.length, intersect(reader, options, { ranges: [...ranges], classes: [...classes] }));
      ranges.length = 0;
      break;
    }
    first = false;
    const part = parsePart(reader, options);
    if (typeof part !== "number") classes.push(part);
    else ranges.push([part, parseRangeEnd(reader, options, part, classes)]);
  }
  reader.close();
  return { ranges, classes, negated, ignoreCase: options.ignoreCase };
}

/** `left&&right`: the rest of the class is the right side. */
function intersect(reader: RegexReader, options: RegexOptions, left: Pick<CharSet, "ranges" | "classes">): CharClass {
  const right = parseClass(reader, options);
  const whole = { ...left, negated: false, ignoreCase: options.ignoreCase };
  return { test: (point) => setContains(whole, point) && setContains(right, point), negated: false };
}

function parsePart(reader: RegexReader, options: RegexOptions): number | CharClass {
  const posix = reader.ahead(/^\[:(\^?)([a-z]{1,10}):\]/);
  const test = posix === undefined ? undefined : POSIX_CLASSES.get(posix[2] ?? "");
  if (posix !== undefined && test !== undefined) {
    reader.skip(posix[0].length);
    return { test, negated: posix[1] === "^" };
  }
  if (reader.skipText("[")) {
    const inner = parseClass(reader, options);
    return { test: (point) => setContains(inner, point), negated: false };
  }
  if (!reader.skipText("\\")) return reader.take().codePointAt(0) ?? 0;
  const found = parseClassEscape(reader);
  if (found !== undefined) return found;
  return reader.skipText("b") ? 8 : parseCharEscape(reader);
}

/** End of a range that starts with a code point, or the point itself when there is no range. */
function parseRangeEnd(reader: RegexReader, options: RegexOptions, from: number, classes: CharClass[]): number {
  if (reader.ahead(/^-[^\]]/) === undefined) return from;
  reader.take();
  const to = parsePart(reader, options);
  if (typeof to !== "number") {
    classes.push({ test: (point) => point === 0x2d, negated: false }, to);
    return from;
  }
  return to < from ? reader.fail("empty range in char class") : to;
}
