import { fromBinary } from "@bufbuild/protobuf";
import {
  DiagnosticsSchema,
  ErrorInfoSchema,
  type ErrorReason,
  type Finding,
  RPC_CODES,
  type RpcCode,
  StigmerError,
  toFinding,
} from "@stigmer/api";

interface ErrorDetailJson {
  readonly type: string;
  readonly value: string;
}

/**
 * The error of a Connect answer: JSON with `code`, `message` and `details`. An answer that is none, such as one of a
 * foreign program on the port, becomes SERVER_UNREACHABLE.
 */
export function readErrorJson(text: string, httpStatus: number): StigmerError {
  const body = parseObject(text);
  const code = RPC_CODES.find((known) => known === body?.code);
  if (body === undefined || code === undefined) {
    const message = `Cannot understand the server: it answered HTTP ${httpStatus} in no known form`;
    return new StigmerError({ reason: "SERVER_UNREACHABLE", message });
  }
  const message = typeof body.message === "string" ? body.message : `the call failed: ${code}`;
  const details = Array.isArray(body.details) ? body.details.filter(isDetail) : [];
  const info = details.find((detail) => detail.type === ErrorInfoSchema.typeName);
  if (info === undefined) return new StigmerError({ reason: REASON_OF_CODE[code] ?? "INTERNAL", code, message });
  const { reason, hint, metadata } = fromBinary(ErrorInfoSchema, Buffer.from(info.value, "base64"));
  const findings = details.flatMap(readFindings);
  const shown = { ...(findings.length === 0 ? {} : { findings }), metadata };
  return new StigmerError({ received: true, reason, hint, message, code, details: shown });
}

/** Reasons of answers that the RPC library gives by itself. */
const REASON_OF_CODE: Readonly<Partial<Record<RpcCode, ErrorReason>>> = {
  canceled: "INTERRUPTED",
  deadline_exceeded: "TIMEOUT",
  unavailable: "SERVER_UNREACHABLE",
  unimplemented: "UNKNOWN_METHOD",
  invalid_argument: "INVALID_REQUEST",
  resource_exhausted: "MESSAGE_TOO_LARGE",
};

function readFindings(detail: ErrorDetailJson): readonly Finding[] {
  if (detail.type !== DiagnosticsSchema.typeName) return [];
  return fromBinary(DiagnosticsSchema, Buffer.from(detail.value, "base64")).diagnostics.map(toFinding);
}

function isDetail(detail: unknown): detail is ErrorDetailJson {
  if (typeof detail !== "object" || detail === null) return false;
  return "type" in detail && "value" in detail && typeof detail.type === "string" && typeof detail.value === "string";
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
