import { fromConnectError, StigmerError, toConnectError } from "@stigmer/api";
import type { Engine } from "../engine/engine.ts";
import { answerError, type PlainAnswer } from "../http/answer-error.ts";
import type { CallHandler } from "../http/gate.ts";
import { LIMITS } from "../http/limits.ts";
import { type AnyRequest, sendAnswer } from "../http/send-answer.ts";
import type { ReportUnexpected } from "../rpc/error-interceptor.ts";
import { invalidEvent } from "./check-cloud-event.ts";
import { type CloudEvents, EVENTS_PATH, readCloudEvents } from "./read-cloud-events.ts";

/** What the gateway works with. */
export interface EventGatewayDeps {
  readonly engine: Engine;
  readonly reportUnexpected: ReportUnexpected;
}

/**
 * Takes CloudEvents by their HTTP binding. 202 comes when the events are on disk: `{accepted, delivered}`, or a list of
 * them for a batch; `accepted` is false for an event whose source and id were known.
 */
export function createEventGateway(deps: EventGatewayDeps): CallHandler {
  return (request, response) => {
    void take(deps, request).then((answer) => sendAnswer(request, response, answer));
  };
}

/** Gives `POST /events` to the gateway and everything else to the calls. */
export function withEventGateway(gateway: CallHandler, calls: CallHandler): CallHandler {
  return (request, response, caller) => {
    const isEvents = request.method === "POST" && request.url?.split("?", 1)[0] === EVENTS_PATH;
    return (isEvents ? gateway : calls)(request, response, caller);
  };
}

async function take(deps: EventGatewayDeps, request: AnyRequest): Promise<PlainAnswer> {
  try {
    const events = readCloudEvents(request.headers, await readBody(request));
    const body = Buffer.from(`${JSON.stringify(await publishAll(deps.engine, events))}\n`);
    return { status: 202, headers: { "content-type": "application/json" }, body };
  } catch (error) {
    if (!(error instanceof StigmerError)) deps.reportUnexpected(error, EVENTS_PATH);
    const shown = fromConnectError(toConnectError(error));
    return answerError({}, shown, shown.reason === "MESSAGE_TOO_LARGE" ? 413 : undefined);
  }
}

async function readBody(request: AnyRequest): Promise<Buffer> {
  const { "content-encoding": encoding = "identity" } = request.headers;
  if (encoding !== "identity") throw invalidEvent("header content-encoding", `"${encoding}" is not understood`);
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > LIMITS.messageBytes) {
      const message = `Cannot take events of more than ${LIMITS.messageBytes} bytes in one request`;
      throw new StigmerError({ reason: "MESSAGE_TOO_LARGE", message });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function publishAll(engine: Engine, events: CloudEvents) {
  return events.kind === "one"
    ? engine.publish({ event: events.event })
    : Promise.all(events.events.map((event) => engine.publish({ event })));
}
