import type { Interceptor } from "@connectrpc/connect";
import { fromConnectError } from "@stigmer/api";

/** Turns everything that a call throws, at once or in the middle of its stream, into a `StigmerError`. */
export const stigmerErrors: Interceptor = (next) => async (request) => {
  try {
    const response = await next(request);
    return response.stream ? { ...response, message: convertStream(response.message) } : response;
  } catch (error) {
    throw fromConnectError(error);
  }
};

async function* convertStream<T>(messages: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    throw fromConnectError(error);
  }
}
