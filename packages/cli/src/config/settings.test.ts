import { describe, expect, test } from "vitest";
import { resolveSettings, SettingError, toPlatformSettings } from "./settings.ts";

const resolve = (params: { flags?: Record<string, string>; env?: Record<string, string>; fileText?: string }) =>
  resolveSettings({ flags: {}, env: {}, fileText: undefined, filePath: "config.yaml", ...params });

describe("resolveSettings()", () => {
  test("has a default for everything", () => {
    expect(toPlatformSettings(resolve({}))).toEqual({
      host: "127.0.0.1",
      port: 7234,
      logLevel: "info",
      tlsCert: "",
      tlsKey: "",
    });
  });

  test("a flag beats the environment, which beats the file", () => {
    const fileText = "# mine\nport: 1111\nhost: 127.0.0.2\nlogLevel: debug\n";
    const settings = resolve({
      fileText,
      env: { STIGMER_PORT: "2222", STIGMER_HOST: "127.0.0.3", STIGMER_TLS_KEY: "/etc/key.pem" },
      flags: { port: "3333" },
    });
    expect(settings.map(({ key, value, source }) => [key, value, source])).toEqual([
      ["host", "127.0.0.3", "environment"],
      ["port", 3333, "flag"],
      ["logLevel", "debug", "file"],
      ["tlsCert", "", "default"],
      ["tlsKey", "/etc/key.pem", "environment"],
    ]);
  });

  test.each([
    ["an unknown key", { fileText: "ports: 1\n" }, "config.yaml:1:1", "ports"],
    ["a value of the wrong kind", { fileText: "\nport: many\n" }, "config.yaml:2:1", "many"],
    ["a port out of range", { env: { STIGMER_PORT: "70000" } }, "STIGMER_PORT", "70000"],
    ["a level that is none", { flags: { logLevel: "loud" } }, "--logLevel", "loud"],
    ["a relative path", { env: { STIGMER_TLS_CERT: "cert.pem" } }, "STIGMER_TLS_CERT", "absolute path"],
    ["a list for a map", { fileText: "- port\n" }, "config.yaml:1:1", "not a map"],
    ["broken YAML", { fileText: "port: [1\n" }, "config.yaml:2:1", "Cannot read the configuration"],
    ["a key twice", { fileText: "port: 1\nport: 2\n" }, "config.yaml:2:1", "Cannot read the configuration"],
  ])("refuses %s with its place", (_, params, where, words) => {
    try {
      resolve(params);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(SettingError);
      expect(error).toMatchObject({ where });
      expect(String(error)).toContain(words);
    }
  });
});
