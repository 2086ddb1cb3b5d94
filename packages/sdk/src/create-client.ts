import type { Client } from "@connectrpc/connect";
import type { BlobService, ExecutionService, ResourceService, SessionService, SystemService } from "@stigmer/api";
import type { ServerAddress } from "./http-call.ts";

/** Typed access to a server; every service is loaded at its first use. All calls throw `StigmerError`. */
export interface StigmerClient {
  resources(): Promise<Client<typeof ResourceService>>;
  executions(): Promise<Client<typeof ExecutionService>>;
  sessions(): Promise<Client<typeof SessionService>>;
  blobs(): Promise<Client<typeof BlobService>>;
  system(): Promise<Client<typeof SystemService>>;
  /** Nothing stays open between calls; kept so that callers need not know. */
  close(): void;
}

/**
 * A client of the server on this machine's socket, where the file's mode is the authentication, or at an address with
 * the client token. A token is never sent to a socket.
 *
 * @example const client = createClient({ socketPath: "/home/me/.stigmer/run/stigmer.sock" });
 */
export function createClient(address: ServerAddress): StigmerClient {
  const load = once(() => import("./services.ts"));
  return {
    resources: async () => (await load()).openServices(address).resources(),
    executions: async () => (await load()).openServices(address).executions(),
    sessions: async () => (await load()).openServices(address).sessions(),
    blobs: async () => (await load()).openServices(address).blobs(),
    system: async () => (await load()).openServices(address).system(),
    close: () => {},
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
