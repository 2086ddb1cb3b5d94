import {
  create,
  type DescMessage,
  type DescMethodStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { StreamResponse, Transport, UnaryResponse } from "@connectrpc/connect";
import { BINARY_OPTIONS, StigmerError } from "@stigmer/api";
import { readErrorJson } from "./connect-error-json.ts";
import { readFrames, writeFrame } from "./frames.ts";
import { type ServerAddress, sendCall, toCallError } from "./http-call.ts";

/**
 * The Connect protocol over HTTP/1.1 on plain `node:http`: unary and server-streaming calls.
 *
 * A command line call is a fresh process each time, and connect-node's transport spends 40 ms of it on loading
 * `fetch`, `Headers` and HTTP/2, which this needs none of. Errors are `StigmerError`s.
 */
export function createHttpTransport(address: ServerAddress): Transport {
  return {
    unary: (method, signal, timeoutMs, header, input) =>
      callUnary(address, method, { signal, timeoutMs, headers: toRecord(header) }, input),
    stream: (method, signal, timeoutMs, header, input) =>
      callStream(address, method, { signal, timeoutMs, headers: toRecord(header) }, input),
  };
}

interface CallOptions {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

async function callUnary<I extends DescMessage, O extends DescMessage>(
  address: ServerAddress,
  method: DescMethodUnary<I, O>,
  options: CallOptions,
  input: MessageInitShape<I>,
): Promise<UnaryResponse<I, O>> {
  const body = toBinary(method.input, create(method.input, input));
  const response = await sendCall({
    ...options,
    address,
    path: pathOf(method),
    contentType: "application/proto",
    body,
  });
  const answer = await readAll(response, address);
  if (response.statusCode !== 200) throw readErrorJson(answer.toString("utf8"), response.statusCode ?? 0);
  const message: MessageShape<O> = fromBinary(method.output, answer, BINARY_OPTIONS);
  return withHead({ service: method.parent, stream: false as const, method, message }, response.headers);
}

async function callStream<I extends DescMessage, O extends DescMessage>(
  address: ServerAddress,
  method: DescMethodStreaming<I, O>,
  options: CallOptions,
  input: AsyncIterable<MessageInitShape<I>>,
): Promise<StreamResponse<I, O>> {
  if (method.methodKind !== "server_streaming") {
    throw new StigmerError({ reason: "UNKNOWN_METHOD", message: `Cannot call "${pathOf(method)}": it needs HTTP/2` });
  }
  const frames: Uint8Array[] = [];
  for await (const one of input) frames.push(writeFrame(toBinary(method.input, create(method.input, one))));
  const response = await sendCall({
    ...options,
    address,
    path: pathOf(method),
    contentType: "application/connect+proto",
    body: Buffer.concat(frames),
  });
  if (response.statusCode !== 200) {
    throw readErrorJson((await readAll(response, address)).toString("utf8"), response.statusCode ?? 0);
  }
  const message = readMessages(method.output, response, address);
  return withHead({ service: method.parent, stream: true as const, method, message }, response.headers);
}

async function* readMessages<O extends DescMessage>(
  schema: O,
  chunks: AsyncIterable<Uint8Array>,
  address: ServerAddress,
): AsyncGenerator<MessageShape<O>> {
  try {
    for await (const frame of readFrames(chunks)) {
      if (!frame.isEnd) {
        yield fromBinary(schema, frame.payload, BINARY_OPTIONS);
        continue;
      }
      const end: unknown = JSON.parse(Buffer.from(frame.payload).toString("utf8"));
      if (typeof end === "object" && end !== null && "error" in end)
        throw readErrorJson(JSON.stringify(end.error), 200);
    }
  } catch (error) {
    throw toCallError(error, address);
  }
}

async function readAll(chunks: AsyncIterable<Uint8Array>, address: ServerAddress): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  try {
    for await (const chunk of chunks) parts.push(chunk);
  } catch (error) {
    throw toCallError(error, address);
  }
  return Buffer.concat(parts);
}

function pathOf(method: DescMethodUnary | DescMethodStreaming): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** Adds headers as getters: `Headers` costs 20 ms on first touch, so it is made only for whoever asks. */
function withHead<T extends object>(response: T, headers: NodeJS.Dict<string | string[]>) {
  const read = () => {
    const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    return new Headers(pairs);
  };
  return Object.defineProperties(response, {
    header: { get: read, enumerable: true },
    trailer: { get: () => new Headers(), enumerable: true },
  }) as T & { readonly header: Headers; readonly trailer: Headers };
}

function toRecord(header: Parameters<Transport["unary"]>[3]): Readonly<Record<string, string>> {
  if (header === undefined) return {};
  if (Array.isArray(header) || header instanceof Headers)
    return Object.fromEntries(header as Iterable<[string, string]>);
  return header as Readonly<Record<string, string>>;
}
