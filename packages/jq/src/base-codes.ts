const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Base64 with padding (RFC 4648, section 4). */
export function encodeBase64(bytes: readonly number[]): string {
  return encode(bytes, BASE64, 6, 4);
}

/** Base32 with padding (RFC 4648, section 6). */
export function encodeBase32(bytes: readonly number[]): string {
  return encode(bytes, BASE32, 5, 8);
}

/** Bytes of a base64 text, read up to the first "="; undefined when it is none. */
export function decodeBase64(text: string): number[] | undefined {
  const [bare = ""] = text.split("=", 1);
  return bare.length % 4 === 1 ? undefined : decode(bare, BASE64, 6);
}

/** Bytes of a base32 text, padding optional; undefined when it is none. */
export function decodeBase32(text: string): number[] | undefined {
  return decode(stripPadding(text), BASE32, 5);
}

function stripPadding(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === "=") end--;
  return text.slice(0, end);
}

function encode(bytes: readonly number[], alphabet: string, width: number, block: number): string {
  let text = "";
  let bits = 0;
  let size = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    size += 8;
    while (size >= width) {
      size -= width;
      text += alphabet[(bits >> size) & ((1 << width) - 1)];
    }
    bits &= (1 << size) - 1;
  }
  if (size > 0) text += alphabet[(bits << (width - size)) & ((1 << width) - 1)];
  while (text.length % block !== 0) text += "=";
  return text;
}

function decode(text: string, alphabet: string, width: number): number[] | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let size = 0;
  for (const unit of text) {
    const value = alphabet.indexOf(unit);
    if (value < 0) return undefined;
    bits = (bits << width) | value;
    size += width;
    if (size < 8) continue;
    size -= 8;
    bytes.push((bits >> size) & 255);
    bits &= (1 << size) - 1;
  }
  return bytes;
}
