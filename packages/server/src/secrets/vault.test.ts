import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createVault } from "./vault.ts";

const PATH = { namespace: "default", environment: "prod", name: "TOKEN" };
const KEY = randomBytes(32);

describe("createVault()", () => {
  const vault = createVault(KEY);
  const sealed = vault.seal(PATH, '"hunter2"');

  test("opens what it sealed, and seals differently each time", () => {
    expect(vault.open(PATH, sealed)).toBe('"hunter2"');
    expect(Buffer.from(vault.seal(PATH, '"hunter2"')).equals(Buffer.from(sealed))).toBe(false);
    expect(Buffer.from(sealed).includes("hunter2")).toBe(false);
  });

  test.each([
    ["another name", { ...PATH, name: "OTHER" }],
    ["another environment", { ...PATH, environment: "dev" }],
    ["another namespace", { ...PATH, namespace: "x" }],
    ["a path that joins alike", { namespace: "default/prod", environment: "", name: "TOKEN" }],
  ])("refuses %s", (_name, path) => {
    expect(() => vault.open(path, sealed)).toThrow(expect.objectContaining({ reason: "SECRET_UNREADABLE" }));
  });

  test("refuses another key, a changed byte and a short value", () => {
    const changed = Uint8Array.from(sealed);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(() => createVault(randomBytes(32)).open(PATH, sealed)).toThrow(/secret-key/);
    expect(() => vault.open(PATH, changed)).toThrow(/secret-key/);
    expect(() => vault.open(PATH, sealed.subarray(0, 10))).toThrow(/secret-key/);
  });
});
