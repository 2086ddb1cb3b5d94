import { randomUUID } from "node:crypto";
import type { Json } from "@stigmer/durable";
import { asText, isList, type JsonObject } from "../read-input.ts";

/** Fields as `multipart/form-data`; lists repeat their field, maps stand as JSON. @see RFC 7578 */
export function toMultipart(fields: JsonObject): { readonly text: string; readonly contentType: string } {
  const boundary = `stigmer-${randomUUID()}`;
  const parts = Object.entries(fields).flatMap(([name, value]) =>
    (isList(value) ? value : [value]).filter((item) => item !== null).map((item) => part(name, item)),
  );
  const text = `${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join("")}--${boundary}--\r\n`;
  return { text, contentType: `multipart/form-data; boundary=${boundary}` };
}

function part(name: string, value: Json): string {
  const quoted = name.replace(/[\r\n"]/g, (sign) => encodeURIComponent(sign));
  const type = typeof value === "object" ? "\r\ncontent-type: application/json" : "";
  return `content-disposition: form-data; name="${quoted}"${type}\r\n\r\n${asText(value)}`;
}
