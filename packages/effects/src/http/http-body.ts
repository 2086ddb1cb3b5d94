import type { Json } from "@stigmer/durable";
import { asText, isList, isObject } from "../read-input.ts";

/** What a request carries. */
export interface HttpBody {
  readonly bytes: Buffer;
  /** Used where the document sets no `content-type`. */
  readonly contentType: string;
}

/**
 * Bytes of a request's body: text as it is, everything else as JSON; maps as form fields where the document says
 * `application/x-www-form-urlencoded`, and text as JSON text where it says JSON and the text is not JSON already.
 */
export function toHttpBody(body: Json | undefined, contentType: string | undefined): HttpBody | undefined {
  if (body === undefined || body === null) return undefined;
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded" && isObject(body)) {
    return { bytes: Buffer.from(formText(body)), contentType: type };
  }
  if (typeof body !== "string") return { bytes: Buffer.from(JSON.stringify(body)), contentType: "application/json" };
  const text = type !== undefined && isJsonType(type) && !isJsonText(body) ? JSON.stringify(body) : body;
  return { bytes: Buffer.from(text), contentType: "text/plain; charset=utf-8" };
}

/** True for `application/json` and every type that ends with `+json`. */
export function isJsonType(type: string): boolean {
  return type === "application/json" || type === "text/json" || type.endsWith("+json");
}

function formText(fields: { readonly [key: string]: Json }): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue;
    for (const item of isList(value) ? value : [value]) form.append(name, asText(item));
  }
  return form.toString();
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
