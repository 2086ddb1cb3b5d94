import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { isJsonType } from "./http-body.ts";

/** The content of a response as the task sees it: JSON parsed, text as text, other bytes in base64, nothing as null. */
export function toContent(content: Buffer, contentType: string | undefined): Json {
  const [type = "", ...parameters] = (contentType ?? "").split(";").map((part) => part.trim());
  if (isJsonType(type.toLowerCase())) return parseJson(content);
  if (isTextType(type.toLowerCase())) return decodeText(content, charsetOf(parameters));
  if (content.length === 0) return null;
  return type === "" ? guessContent(content) : content.toString("base64");
}

function parseJson(content: Buffer): Json {
  if (content.length === 0) return null;
  try {
    // JSON is UTF-8 by RFC 8259, whatever charset a server names; a byte order mark is tolerated.
    return JSON.parse(new TextDecoder("utf-8").decode(content)) as Json;
  } catch (cause) {
    throw failure("communication", {
      detail: `The response says that it is JSON and is not: ${cause instanceof Error ? cause.message : cause}; "output: raw" takes it as it is`,
      cause,
    });
  }
}

function isTextType(type: string): boolean {
  return type.startsWith("text/") || TEXT_TYPES.has(type) || type.endsWith("+xml") || type.endsWith("+yaml");
}

const TEXT_TYPES: ReadonlySet<string> = new Set([
  "application/xml",
  "application/javascript",
  "application/x-www-form-urlencoded",
  "application/yaml",
  "application/x-yaml",
  "application/x-ndjson",
  "application/jsonl",
  "application/graphql",
  "application/sql",
]);

function charsetOf(parameters: readonly string[]): string {
  const found = parameters.find((parameter) => parameter.toLowerCase().startsWith("charset="));
  return found?.slice("charset=".length).replace(/^"|"$/g, "") ?? "utf-8";
}

function decodeText(content: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(content);
  } catch {
    return new TextDecoder("utf-8").decode(content); // a charset that nobody knows
  }
}

/** Without a content type: JSON if it is, else text if it is UTF-8, else base64. */
function guessContent(content: Buffer): Json {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return content.toString("base64");
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
