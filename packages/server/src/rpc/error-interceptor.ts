import type { Interceptor, StreamResponse, UnaryResponse } from "@connectrpc/connect";
import { ConnectError } from "@connectrpc/connect";
import { StigmerError, toConnectError } from "@stigmer/api";

/** Takes what went wrong unexpectedly; the caller hears only that something did. */
export type ReportUnexpected = (error: unknown, method: string) => void;

/** Turns every error of a handler, unary or in mid-stream, into one with reason and hint. The one converter here. */
export function createErrorInterceptor(report: ReportUnexpected): Interceptor {
  return (next) => async (request) => {
    const convert = (error: unknown): ConnectError => {
      const isExpected = error instanceof StigmerError || error instanceof ConnectError || request.signal.aborted;
      if (!isExpected) report(error, request.url);
      return toConnectError(error);
    };
    try {
      const response: UnaryResponse | StreamResponse = await next(request);
      return response.stream ? { ...response, message: convertStream(response.message, convert) } : response;
    } catch (error) {
      throw convert(error);
    }
  };
}

async function* convertStream<T>(messages: AsyncIterable<T>, convert: (error: unknown) => ConnectError) {
  try {
    yield* messages;
  } catch (error) {
    throw convert(error);
  }
}
