import { createClient } from "@connectrpc/connect";
import { BlobService, ExecutionService, ResourceService, SessionService, SystemService } from "@stigmer/api";
import type { ServerAddress } from "./http-call.ts";
import { createHttpTransport } from "./http-transport.ts";

/** The generated clients over our transport. This module is loaded with the first call, never before. */
export function openServices(address: ServerAddress) {
  const transport = createHttpTransport(address);
  return {
    resources: () => createClient(ResourceService, transport),
    executions: () => createClient(ExecutionService, transport),
    sessions: () => createClient(SessionService, transport),
    blobs: () => createClient(BlobService, transport),
    system: () => createClient(SystemService, transport),
  };
}
