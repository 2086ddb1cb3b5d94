import { Agent } from "node:http";
import type { BlobService, ExecutionService, ResourceService, SessionService, SystemService } from "@stigmer/api";
import type { Client, Interceptor, Transport } from "@connectrpc/connect";
import { stigmerErrors } from "./error-interceptor.ts";

/** Where the server is: the home's socket on the same machine, or an address with a token. */
export type ClientAddress =
  | { readonly socketPath: string }
  | {
      /** Such as `http://127.0.0.1:7234`. */
      readonly baseUrl: string;
      readonly token: string;
    };

/**
 * The API, typed. Each service is loaded when it is first asked for, so that a program pays only for what it calls.
 * Calls throw `StigmerError`.
 */
export interface StigmerClient {
  resources(): Promise<Client<typeof ResourceService>>;
  executions(): Promise<Client<typeof ExecutionService>>;
  sessions(): Promise<Client<typeof SessionService>>;
  blobs(): Promise<Client<typeof BlobService>>;
  system(): Promise<Client<typeof SystemService>>;
  /** Ends idle connections; calls that run are not ended. */
  close(): void;
}

/** A client of the server at `address`. Nothing is sent until the first call. */
export function createClient(address: ClientAddress): StigmerClient {
  const agent = new Agent({ keepAlive: true });
  let transport: Promise<Transport> | undefined;
  const connect = () => {
    transport ??= openTransport(address, agent);
    return transport;
  };
  const service = async <T>(choose: (api: typeof import("@stigmer/api"), rpc: Rpc, transport: Transport) => T) => {
    const [api, rpc, opened] = await Promise.all([import("@stigmer/api"), import("@connectrpc/connect"), connect()]);
    return choose(api, rpc, opened);
  };
  return {
    resources: () => service((api, rpc, to) => rpc.createClient(api.ResourceService, to)),
    executions: () => service((api, rpc, to) => rpc.createClient(api.ExecutionService, to)),
    sessions: () => service((api, rpc, to) => rpc.createClient(api.SessionService, to)),
    blobs: () => service((api, rpc, to) => rpc.createClient(api.BlobService, to)),
    system: () => service((api, rpc, to) => rpc.createClient(api.SystemService, to)),
    close: () => agent.destroy(),
  };
}

type Rpc = typeof import("@connectrpc/connect");

/** Connect over HTTP/1.1: the quickest way to a socket of this machine, and one that every proxy takes. */
async function openTransport(address: ClientAddress, agent: Agent): Promise<Transport> {
  const { createConnectTransport } = await import("@connectrpc/connect-node");
  if ("socketPath" in address) {
    return createConnectTransport({
      httpVersion: "1.1",
      baseUrl: "http://localhost",
      nodeOptions: { socketPath: address.socketPath, agent },
      interceptors: [stigmerErrors],
    });
  }
  return createConnectTransport({
    httpVersion: "1.1",
    baseUrl: address.baseUrl,
    interceptors: [stigmerErrors, bearer(address.token)],
  });
}

function bearer(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}
