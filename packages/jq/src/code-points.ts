/** Number of code points of a string; lone surrogates count as one each. */
export function countCodePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if (isHighSurrogate(text.charCodeAt(i)) && isLowSurrogate(text.charCodeAt(i + 1))) {
      count--;
      i++;
    }
  }
  return count;
}

/** True when UTF-16 index and code point index differ somewhere in the text. */
export function hasSurrogates(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdfff) return true;
  }
  return false;
}

/** Code points of a string; lone surrogates become U+FFFD, as jq stores them. */
export function toCodePoints(text: string): number[] {
  const points: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) ?? 0;
    if (point > 0xffff) i++;
    points.push(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point);
  }
  return points;
}

/** String of code points; numbers outside the range and surrogates become U+FFFD. */
export function fromCodePoints(points: readonly number[]): string {
  let text = "";
  for (const raw of points) {
    const point = Math.trunc(raw);
    const valid = point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
    text += String.fromCodePoint(valid ? point : 0xfffd);
  }
  return text;
}

/** Part of a string between two code point indexes, both within 0 and the length. */
export function sliceCodePoints(text: string, from: number, to: number): string {
  if (!hasSurrogates(text)) return text.slice(from, to);
  return Array.from(text).slice(from, to).join("");
}

/** Cuts parts out of one text by code point indexes; looks at the whole text once only. */
export function codePointSlicer(text: string): (from: number, to: number) => string {
  if (!hasSurrogates(text)) return (from, to) => text.slice(from, to);
  const points = Array.from(text);
  return (from, to) => points.slice(from, to).join("");
}

/** Code point indexes at which `needle` starts in `text`, overlapping ones included. */
export function findAllCodePoints(text: string, needle: string): number[] {
  const found: number[] = [];
  if (needle === "") return found;
  let points = 0;
  let scanned = 0;
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    points += countCodePoints(text.slice(scanned, at));
    scanned = at;
    found.push(points);
  }
  return found;
}

/** UTF-8 bytes of a string; lone surrogates become U+FFFD. */
export function toUtf8(text: string): number[] {
  const bytes: number[] = [];
  for (const point of toCodePoints(text)) {
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else {
      bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    }
  }
  return bytes;
}

/** Text and validity of UTF-8 bytes; each broken sequence gives one U+FFFD. */
export function fromUtf8(bytes: readonly number[]): { readonly text: string; readonly valid: boolean } {
  const points: number[] = [];
  let valid = true;
  for (let i = 0; i < bytes.length; ) {
    const { point, size } = decodeUtf8(bytes, i);
    if (point < 0) valid = false;
    points.push(point < 0 ? 0xfffd : point);
    i += size;
  }
  return { text: fromCodePoints(points), valid };
}

function decodeUtf8(bytes: readonly number[], at: number): { readonly point: number; readonly size: number } {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return { point: lead, size: 1 };
  const length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length === 0 || lead >= 0xf5) return { point: -1, size: 1 };
  if (at + length > bytes.length) return { point: -1, size: bytes.length - at };
  let point = lead & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i];
    if (next === undefined || (next & 0xc0) !== 0x80) return { point: -1, size: i };
    point = (point << 6) | (next & 63);
  }
  const smallest = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000;
  const wrong = point < smallest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff);
  return { point: wrong ? -1 : point, size: length };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
