import { create } from "@bufbuild/protobuf";
import { StigmerError, type WorkRequest, type WorkResponse, WorkResponseSchema } from "@stigmer/api";
import type { Engine } from "../engine/engine.ts";
import type { Caller } from "../http/caller.ts";
import { FrameQueue } from "./frame-queue.ts";

/** A runner's stream. */
export interface CarryRunnerParams {
  readonly engine: Engine;
  readonly caller: Caller;
  readonly frames: AsyncIterable<WorkRequest>;
  readonly signal: AbortSignal;
}

/**
 * Carries one stream of a runner between the transport and the engine, until either side ends it.
 *
 * @throws {StigmerError} RUNNER_TOKEN_REQUIRED when the token was made for another component
 */
export async function* carryRunner(params: CarryRunnerParams): AsyncGenerator<WorkResponse> {
  const queue = new FrameQueue<WorkResponse>();
  const runner = params.engine.attachRunner({
    send: (frame) => queue.push(create(WorkResponseSchema, frame)),
  });
  const onAbort = () => queue.end();
  params.signal.addEventListener("abort", onAbort, { once: true });
  // Not awaited: when the server ends the stream, a runner may stay silent for ever.
  void receiveAll(params, runner.receive).then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  try {
    yield* queue;
  } finally {
    params.signal.removeEventListener("abort", onAbort);
    runner.closed();
  }
}

async function receiveAll(params: CarryRunnerParams, receive: (frame: WorkRequest) => void): Promise<void> {
  let isFirst = true;
  for await (const frame of params.frames) {
    if (isFirst) checkHello(frame, params.caller);
    isFirst = false;
    receive(frame);
  }
}

/**
 * Refuses a stream that does not say who it is, or says it is somebody else.
 *
 * @throws {StigmerError} INVALID_REQUEST, RUNNER_TOKEN_REQUIRED
 */
export function checkHello(frame: WorkRequest, caller: Caller): void {
  const component = frame.hello?.component;
  if (component === undefined) {
    throw new StigmerError({
      reason: "INVALID_REQUEST",
      message: "Cannot take the stream: its first frame has no hello",
    });
  }
  if (caller.kind === "runner" && caller.component === component) return;
  const message = `Cannot take the stream of "${component}": its token was made for another component`;
  throw new StigmerError({ reason: "RUNNER_TOKEN_REQUIRED", message });
}
