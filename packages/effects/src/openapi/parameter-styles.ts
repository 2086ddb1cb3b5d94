import type { Json } from "@stigmer/durable";
import { asText, isList, isObject } from "../read-input.ts";
import type { Parameter } from "./operation.ts";

type Pair = readonly [name: string, value: string];

/** Names and values of a query, header or cookie parameter, not encoded. @see OpenAPI 3.1 section 4.8.12.3 */
export function writePairs({ name, style }: Parameter, value: Json): readonly Pair[] {
  switch (style.kind) {
    case "json":
      return [[name, JSON.stringify(value)]];
    case "repeated":
      if (isList(value)) return value.map((item): Pair => [name, asText(item)]);
      return isObject(value) ? members(value) : [[name, asText(value)]];
    case "deep":
      return isObject(value)
        ? members(value).map(([member, text]): Pair => [`${name}[${member}]`, text])
        : [[name, asText(value)]];
    case "joined":
      return [[name, flatten(value).join(style.separator)]];
    case "label":
    case "matrix":
      return [[name, flatten(value).join(",")]];
  }
}

/** A path parameter, encoded. */
export function writePath({ name, style }: Parameter, value: Json): string {
  const texts = flatten(value).map(encodeURIComponent);
  switch (style.kind) {
    case "label":
      return `.${texts.join(".")}`;
    case "matrix":
      return `;${name}=${texts.join(",")}`;
    case "json":
      return encodeURIComponent(JSON.stringify(value));
    case "joined":
    case "repeated":
    case "deep":
      return texts.join(",");
  }
}

function flatten(value: Json): readonly string[] {
  if (isList(value)) return value.map(asText);
  return isObject(value) ? members(value).flat() : [asText(value)];
}

function members(value: { readonly [name: string]: Json }): readonly Pair[] {
  return Object.entries(value).map(([name, item]): Pair => [name, asText(item)]);
}
