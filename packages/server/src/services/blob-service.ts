import type { ServiceImpl } from "@connectrpc/connect";
import type { BlobService } from "@stigmer/api";
import { putBlobContent, readBlobContent } from "../blobs/blob-content.ts";
import type { Store } from "../store/store.ts";

/** Values by content digest, over RPC. */
export function createBlobService(deps: {
  readonly store: Store;
  readonly nowMs: () => number;
}): ServiceImpl<typeof BlobService> {
  return {
    putBlob: async (request) => ({ digest: await putBlobContent(deps.store, request.content, deps.nowMs()) }),
    getBlob: (request) => ({ content: readBlobContent(deps.store, request.digest) }),
  };
}
