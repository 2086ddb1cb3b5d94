import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import type { Interceptor } from "@connectrpc/connect";
import { type Finding, HandshakeRequestSchema, RunnerService, StigmerError } from "@stigmer/api";

import { patternWords } from "./rule-words.ts";

/** Checks requests against the rules of the contract. */
export interface RequestValidator {
  readonly interceptor: Interceptor;
  /** Compiles the rules; the first check costs about 50 ms, so it is done before the first caller comes. */
  warm(): void;
}

/**
 * Every request is checked against its protovalidate rules before a handler sees it. Of a runner's stream only the
 * first frame is: the engine checks each entry against the lease, and the rules would cost as much as the work.
 */
export function createRequestValidator(): RequestValidator {
  const validator = createValidator();
  const check = (schema: DescMessage, message: Message): void => {
    const result = validator.validate(schema, message);
    if (result.kind === "valid") return;
    if (result.kind === "error") throw result.error;
    throw invalidRequest(schema, result.violations);
  };
  return {
    warm: () => check(HandshakeRequestSchema, create(HandshakeRequestSchema)),
    interceptor: (next) => async (request) => {
      if (!request.stream) {
        check(request.method.input, request.message);
        return next(request);
      }
      const isRunner = request.service.typeName === RunnerService.typeName;
      return next({
        ...request,
        message: checkStream(request.message, isRunner, (one) => check(request.method.input, one)),
      });
    },
  };
}

async function* checkStream<T>(messages: AsyncIterable<T>, onlyFirst: boolean, check: (message: T) => void) {
  let isFirst = true;
  for await (const message of messages) {
    if (isFirst || !onlyFirst) check(message);
    isFirst = false;
    yield message;
  }
}

function invalidRequest(schema: DescMessage, violations: readonly Violation[]): StigmerError {
  const findings = violations.map((violation) => toFinding(schema, violation));
  const first = findings[0];
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  const message = `Cannot read the request: ${first?.pointer?.slice(1).replaceAll("/", ".") ?? ""} ${first?.message ?? ""}${more}`;
  return new StigmerError({ reason: "INVALID_REQUEST", message, details: { findings } });
}

function toFinding(schema: DescMessage, violation: Violation): Finding {
  const path = pathToString(violation.field);
  const pointer = `/${path.replaceAll(/[[\].]+/g, "/").replace(/\/$/, "")}`;
  const field = pointer.split("/").findLast((part) => !/^(\d+|".*")?$/.test(part)) ?? "";
  const isPattern = violation.ruleId === "string.pattern";
  const message = isPattern ? patternWords(schema.typeName, field, violation.message) : violation.message;
  return { code: violation.ruleId, severity: "error", pointer, message };
}
