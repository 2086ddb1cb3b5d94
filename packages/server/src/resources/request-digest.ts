import { createHash } from "node:crypto";
import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { IdempotencyKey } from "../store/idempotency.ts";

/**
 * The key of a request for the store; undefined when the client gave none. Requests are the same when everything but
 * the key is.
 */
export function idempotencyOf<Desc extends DescMessage>(params: {
  readonly schema: Desc;
  readonly request: MessageShape<Desc> & { readonly idempotencyKey: string };
  readonly namespace: string;
  readonly method: string;
}): IdempotencyKey | undefined {
  const { request, namespace, method } = params;
  if (request.idempotencyKey === "") return undefined;
  const bytes = toBinary(params.schema, { ...request, idempotencyKey: "" });
  return { namespace, method, key: request.idempotencyKey, digest: digestOf(bytes) };
}

/** `sha256:` and 64 hexadecimal digits. */
export function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
