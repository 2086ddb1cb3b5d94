import { connect } from "node:net";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { RunnerFrame } from "@stigmer/api";
import { BlobService, RunnerService } from "@stigmer/api";
import type { Json } from "@stigmer/durable";
import type { Channel, ChannelListener, OpenChannel } from "./channel.ts";
import { FrameQueue } from "./frame-queue.ts";
import { openFrameStream } from "./frame-stream.ts";
import type { LeaseName } from "./unsafe-words.ts";

/** Where the server is and how a runner shows that it is one. */
export interface ServerLinkParams {
  /** Path of the server's Unix socket, or its `http://` or `https://` address. */
  readonly address: { readonly socket: string } | { readonly baseUrl: string };
  /** Asked for each stream and call: a server that starts again may have given new ones. */
  readonly token: () => string;
}

/** Everything a runner asks of its server. */
export interface ServerLink {
  readonly openChannel: OpenChannel;
  resolveSecrets(lease: LeaseName, names: readonly string[]): Promise<Readonly<Record<string, Json>>>;
  getBlob(digest: string): Promise<Uint8Array>;
  /** Gives the digest: `sha256:` and 64 hexadecimal digits. */
  putBlob(content: Uint8Array): Promise<string>;
}

/** How long the server may take to end a stream that was closed, ms. */
const CLOSE_MS = 1000;
/** How long a call may take, ms. */
const CALL_MS = 30_000;

/** A link to the server: calls over Connect and HTTP/2, and its stream too unless they share a machine. */
export function createServerLink(params: ServerLinkParams): ServerLink {
  const transport = createTransport(params.address);
  const headers = () => ({ authorization: `Bearer ${params.token()}` });
  const runner = createClient(RunnerService, transport);
  const blobs = createClient(BlobService, transport);
  const call = () => ({ headers: headers(), timeoutMs: CALL_MS });
  return {
    openChannel: (listener) =>
      "socket" in params.address
        ? openFrameStream({ socketPath: params.address.socket, token: params.token() }, listener)
        : openStream(runner, headers, listener),
    resolveSecrets: async (lease, names) => {
      const { values } = await runner.resolveSecrets({ ...lease, names: [...names] }, call());
      return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, parse(text)]));
    },
    getBlob: async (digest) => (await blobs.getBlob({ digest }, call())).content,
    putBlob: async (content) => (await blobs.putBlob({ content }, call())).digest,
  };
}

function createTransport(address: ServerLinkParams["address"]): Transport {
  // Large windows: a lease or a result must not wait for a round trip per 64 KB.
  const settings = { initialWindowSize: 4 << 20 };
  if ("baseUrl" in address) {
    return createConnectTransport({
      httpVersion: "2",
      baseUrl: address.baseUrl,
      nodeOptions: { settings },
      pingIntervalMs: 15_000,
    });
  }
  const { socket } = address;
  const nodeOptions = { settings, createConnection: () => connect(socket) };
  // Packing costs a millisecond of a thread pool on either side, and here no byte travels.
  return createConnectTransport({ httpVersion: "2", baseUrl: "http://localhost", nodeOptions, acceptCompression: [] });
}

function openStream(
  client: Client<typeof RunnerService>,
  headers: () => Readonly<Record<string, string>>,
  listener: ChannelListener,
): Channel {
  const queue = new FrameQueue<RunnerFrame>();
  const abort = new AbortController();
  const read = async (): Promise<unknown> => {
    try {
      for await (const frame of client.work(queue, { headers: headers(), signal: abort.signal }))
        listener.onFrame(frame);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const over = read().then((error) => {
    queue.end();
    listener.onClose(error);
  });
  return {
    send: (frame) => queue.push(frame),
    close: async () => {
      queue.end();
      const timer = setTimeout(() => abort.abort(), CLOSE_MS);
      await over;
      clearTimeout(timer);
    },
  };
}

function parse(text: string): Json {
  return JSON.parse(text);
}
