import { type Code, ConnectError } from "@connectrpc/connect";
import { type ErrorReason, isErrorReason } from "./error-reasons.ts";
import { DiagnosticsSchema, ErrorInfoSchema, Severity } from "./gen/stigmer/v1/resource_pb.ts";
import { RPC_CODES, type RpcCode } from "./rpc-code.ts";
import { type ErrorDetails, type Finding, StigmerError } from "./stigmer-error.ts";

/** Turns any thrown value into the error that travels: reason and hint as `ErrorInfo`, findings as `Diagnostics`. */
export function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return withReason(error);
  if (error instanceof StigmerError) return encode(error);
  return encode(new StigmerError({ reason: "INTERNAL", message: "Cannot finish the call: unexpected error" }));
}

/** Turns what a client caught into a `StigmerError`; transport failures become `SERVER_UNREACHABLE` and the like. */
export function fromConnectError(caught: unknown): StigmerError {
  if (caught instanceof StigmerError) return caught;
  const error = ConnectError.from(caught);
  const code = RPC_CODES[error.code - 1] ?? "unknown";
  const info = error.findDetails(ErrorInfoSchema)[0];
  if (info === undefined) {
    const reason = reasonOfCode(code);
    return new StigmerError({
      reason,
      code,
      message: error.rawMessage || `Cannot finish the call: ${code}`,
      cause: error,
    });
  }
  const findings = error.findDetails(DiagnosticsSchema).flatMap((list) => list.diagnostics.map(toFinding));
  const details: ErrorDetails = { ...(findings.length === 0 ? {} : { findings }), metadata: info.metadata };
  return new StigmerError({
    received: true,
    reason: info.reason,
    message: error.rawMessage,
    code,
    hint: info.hint,
    details,
    cause: error,
  });
}

function encode(error: StigmerError): ConnectError {
  const info = {
    desc: ErrorInfoSchema,
    value: { reason: error.reason, hint: error.hint, metadata: { ...error.details.metadata } },
  };
  const findings = error.details.findings ?? [];
  const details = findings.length === 0 ? [info] : [info, { desc: DiagnosticsSchema, value: toDiagnostics(findings) }];
  return new ConnectError(error.message, connectCode(error.code), undefined, details, error);
}

function withReason(error: ConnectError): ConnectError {
  if (error.findDetails(ErrorInfoSchema).length > 0) return error;
  const code = RPC_CODES[error.code - 1] ?? "unknown";
  return encode(new StigmerError({ reason: reasonOfCode(code), message: error.rawMessage, code, cause: error }));
}

function connectCode(code: RpcCode): Code {
  return RPC_CODES.indexOf(code) + 1;
}

/** The reason of an answer that carries none: the RPC library itself, or something between us and the server. */
function reasonOfCode(code: RpcCode): ErrorReason {
  const reasons: Readonly<Partial<Record<RpcCode, ErrorReason>>> = {
    canceled: "INTERRUPTED",
    deadline_exceeded: "TIMEOUT",
    unavailable: "SERVER_UNREACHABLE",
    unauthenticated: "UNAUTHENTICATED",
    unimplemented: "UNKNOWN_METHOD",
    invalid_argument: "INVALID_REQUEST",
    out_of_range: "INVALID_REQUEST",
    resource_exhausted: "OVERLOADED",
    not_found: "UNKNOWN_METHOD",
  };
  return reasons[code] ?? "INTERNAL";
}

/** Findings as the wire's `Diagnostics`. */
export function toDiagnostics(findings: readonly Finding[]) {
  return { diagnostics: findings.map(toDiagnostic) };
}

function toDiagnostic(finding: Finding) {
  return {
    code: finding.code,
    severity: finding.severity === "error" ? Severity.ERROR : Severity.WARNING,
    line: finding.line ?? 0,
    column: finding.column ?? 0,
    pointer: finding.pointer ?? "",
    message: finding.message,
    suggestion: finding.suggestion ?? "",
  };
}

/** A diagnostic of the wire as a finding; zero and empty fields become absent. */
export function toFinding(diagnostic: {
  readonly code: string;
  readonly severity: Severity;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
  readonly message: string;
  readonly suggestion: string;
}): Finding {
  return {
    code: diagnostic.code,
    severity: diagnostic.severity === Severity.WARNING ? "warning" : "error",
    ...(diagnostic.line > 0 ? { line: diagnostic.line } : {}),
    ...(diagnostic.column > 0 ? { column: diagnostic.column } : {}),
    ...(diagnostic.pointer === "" ? {} : { pointer: diagnostic.pointer }),
    message: diagnostic.message,
    ...(diagnostic.suggestion === "" ? {} : { suggestion: diagnostic.suggestion }),
  };
}

/** The reason of an error when this build knows it. */
export function knownReason(error: StigmerError): ErrorReason | undefined {
  return isErrorReason(error.reason) ? error.reason : undefined;
}
