import { describe, expect, test } from "vitest";
import { readPageToken, writePageToken } from "./page-token.ts";

const FILTER = { kind: "Workflow" };
const TOKEN = writePageToken(["default", 7], FILTER);

describe("readPageToken()", () => {
  test("gives back the position", () => {
    expect(readPageToken(TOKEN, FILTER, ["string", "number"])).toEqual(["default", 7]);
    expect(readPageToken("", FILTER, ["string", "number"])).toBeUndefined();
  });

  test.each([
    ["junk", "!!!", FILTER, ["string", "number"]],
    ["JSON of another kind", Buffer.from("{}").toString("base64url"), FILTER, ["string", "number"]],
    ["another filter", TOKEN, { kind: "Agent" }, ["string", "number"]],
    ["another shape", TOKEN, FILTER, ["number", "number"]],
    ["another length", TOKEN, FILTER, ["string"]],
  ] as const)("refuses %s", (_name, token, filter, shape) => {
    expect(() => readPageToken(token, filter, shape)).toThrow(
      expect.objectContaining({ reason: "INVALID_PAGE_TOKEN" }),
    );
  });
});
