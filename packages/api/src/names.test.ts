import { describe, expect, test } from "vitest";
import { parseResourceKind } from "./kinds.ts";
import { isName, isSecretName, parseName } from "./names.ts";

describe("isName()", () => {
  test.each(["a", "order-flow", "0x", "a".repeat(63)])("accepts %j", (name) => expect(isName(name)).toBe(true));
  test.each(["", "-a", "a-", "A", "a_b", "a/b", "a\n", "a".repeat(64), "ä"])("refuses %j", (name) =>
    expect(isName(name)).toBe(false),
  );
});

describe("isSecretName()", () => {
  test.each(["API_KEY", "my-secret", "a.b"])("accepts %j", (name) => expect(isSecretName(name)).toBe(true));
  test.each(["", "../x", ".a", "a b", "a/b", "a\n"])("refuses %j", (name) => expect(isSecretName(name)).toBe(false));
});

describe("parseName()", () => {
  test("reads all four forms", () => {
    expect(parseName("a")).toEqual({ name: "a" });
    expect(parseName("n/a")).toEqual({ namespace: "n", name: "a" });
    expect(parseName("a:1.0.0")).toEqual({ name: "a", version: "1.0.0" });
    expect(parseName("n/a:latest")).toEqual({ namespace: "n", name: "a", version: "latest" });
  });
  test.each(["", "/", "a/", "/a", "a/b/c", "A", "a:", "a:b:c"])("refuses %j", (text) =>
    expect(parseName(text)).toBeUndefined(),
  );
});

describe("parseResourceKind()", () => {
  test("knows plural, short and exact words, and nothing inherited", () => {
    expect(parseResourceKind("workflows")).toBe("Workflow");
    expect(parseResourceKind("mcp-server")).toBe("McpServer");
    expect(parseResourceKind("constructor")).toBeUndefined();
  });
});
