import { parseDocument, type Schedule } from "@stigmer/dsl";
import { describe, expect, test } from "vitest";
import { listenerDocument } from "./listener-document.ts";

const document = { dsl: "1.0.3", namespace: "team", name: "w", version: "1.0.0" };

describe("listenerDocument()", () => {
  test.each<[string, Schedule]>([
    ["one", { on: { one: { with: { type: "a" } } } }],
    ["any", { on: { any: [] }, read: "envelope" }],
    [
      "all with a correlation",
      { on: { all: [{ with: { type: "a" }, correlate: { id: { from: "${ .data.id }" } } }] } },
    ],
    ["any until", { on: { any: [{ with: { type: "a" } }], until: "${ length > 2 }" } }],
  ])("is a valid workflow: %s", (_name, schedule) => {
    const made = listenerDocument({ document, environment: "prod", evaluate: { mode: "loose" }, do: [] }, schedule);
    expect(parseDocument(JSON.stringify(made)).diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(made).toMatchObject({ document, environment: "prod", evaluate: { mode: "strict" } });
  });
});
