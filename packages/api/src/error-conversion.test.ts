import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { fromConnectError, toConnectError } from "./error-conversion.ts";
import { ERROR_REASONS, type ErrorReason } from "./error-reasons.ts";
import { StigmerError } from "./stigmer-error.ts";

describe("toConnectError() and fromConnectError()", () => {
  test.each(Object.keys(ERROR_REASONS) as ErrorReason[])("%s comes back whole", (reason) => {
    const sent = new StigmerError({
      reason,
      message: 'Cannot do "x": no',
      details: {
        metadata: { pid: "7" },
        findings: [{ code: "c", severity: "warning", line: 2, column: 3, pointer: "/do", message: "m" }],
      },
    });
    const got = fromConnectError(toConnectError(sent));
    expect(got).toMatchObject({ reason, code: ERROR_REASONS[reason].code, hint: sent.hint, message: sent.message });
    expect(got.details).toEqual(sent.details);
  });

  test("an unexpected error travels without its text", () => {
    const error = toConnectError(new Error("password is hunter2"));
    expect(error.code).toBe(Code.Internal);
    expect(error.message).not.toContain("hunter2");
    expect(fromConnectError(error).reason).toBe("INTERNAL");
  });

  test("errors of the RPC library get a reason", () => {
    expect(fromConnectError(new ConnectError("gone", Code.Unavailable)).reason).toBe("SERVER_UNREACHABLE");
    expect(fromConnectError(toConnectError(new ConnectError("late", Code.DeadlineExceeded))).reason).toBe("TIMEOUT");
  });
});
