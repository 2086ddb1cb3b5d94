import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { StigmerError, WORK_PATH, WORK_PROTOCOL } from "@stigmer/api";
import { answerError } from "./answer-error.ts";
import { authorize, type Caller, identifyCaller } from "./caller.ts";
import type { CreateGateParams } from "./gate.ts";
import { guardRequest } from "./request-guard.ts";

/** Takes a connection that is to become something else than HTTP. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What a connection of a known caller becomes. */
export type CarryUpgraded = (socket: Duplex, caller: Caller) => void;

/** The gate for connections that leave HTTP: the same questions as for calls, and one path and protocol only. */
export function createUpgradeGate(
  params: Omit<CreateGateParams, "serve"> & { readonly carry: CarryUpgraded },
): UpgradeHandler {
  return (request, socket, head) => {
    const caller = admit(request, params);
    socket.on("error", () => socket.destroy());
    if ("kind" in caller) {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${WORK_PROTOCOL}\r\n\r\n`);
      if (head.length > 0) socket.unshift(head);
      return params.carry(socket, caller);
    }
    params.log("refused a stream", { reason: caller.error.reason, path: String(request.url).slice(0, 200) });
    const { status, body } = answerError({}, caller.error, caller.status);
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  };
}

interface Refused {
  readonly error: StigmerError;
  readonly status?: number;
}

function admit(request: IncomingMessage, params: Omit<CreateGateParams, "serve">): Caller | Refused {
  const { headers } = request;
  const path = request.url ?? "";
  const refusal = guardRequest({ method: request.method ?? "", path, headers }, params.door);
  if (refusal !== undefined) return refusal;
  if (request.method !== "GET" || path !== WORK_PATH || headers.upgrade !== WORK_PROTOCOL) {
    const message = `Cannot turn the connection into "${String(headers.upgrade).slice(0, 100)}": it is not served here`;
    return { error: new StigmerError({ reason: "INVALID_REQUEST", message }) };
  }
  const caller = identifyCaller(headers, params.door, params.tokens);
  if (!("kind" in caller)) return { error: caller };
  const denial = authorize(caller, path);
  return denial === undefined ? caller : { error: denial };
}
