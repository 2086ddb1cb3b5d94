import type { JsonObject } from "@bufbuild/protobuf";
import { readBlobContent } from "../blobs/blob-content.ts";
import type { JsonValue } from "../resources/manifest.ts";
import { itemsOf, memberOf } from "../resources/references.ts";
import type { Store } from "../store/store.ts";
import { readSession } from "./session-rows.ts";

/**
 * What a session remembers, from the first message on. Memory is a chain of values: each holds some messages and the
 * digest of the one before it.
 *
 * @throws {StigmerError} SESSION_NOT_FOUND, BLOB_NOT_FOUND
 */
export function listMessages(store: Store, id: string): JsonObject[] {
  const links: JsonObject[][] = [];
  for (let digest = readSession(store.read, id).head; digest !== ""; ) {
    const link: JsonValue = JSON.parse(Buffer.from(readBlobContent(store, digest)).toString("utf8"));
    links.push(itemsOf(memberOf(link, "messages")) as JsonObject[]);
    const parent = memberOf(link, "parent");
    digest = typeof parent === "string" ? parent : "";
  }
  return links.reverse().flat();
}
