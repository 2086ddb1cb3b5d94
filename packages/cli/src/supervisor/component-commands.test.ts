import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ComponentMissing, reinstallAdvice, resolveComponentCommand } from "./component-commands.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmer-commands-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const resolve = (env: NodeJS.ProcessEnv, versionFolder: string | undefined = folder) =>
  resolveComponentCommand({
    component: "server",
    env,
    home: "/h/.stigmer",
    versionFolder,
    reinstall: "brew reinstall stigmer",
  });

describe("resolveComponentCommand()", () => {
  test("takes the file of the running version", () => {
    writeFileSync(join(folder, "stigmer-server"), "");
    chmodSync(join(folder, "stigmer-server"), 0o755);
    expect(resolve({})).toEqual({
      file: join(folder, "stigmer-server"),
      args: ["--node-options=--max-semi-space-size=8"],
    });
  });

  test("a development variable replaces it and is shown", () => {
    const file = join(folder, "mine");
    writeFileSync(file, "");
    expect(resolve({ STIGMER_SERVER_BIN: file })).toEqual({ file, args: [], replacedBy: file });
  });

  test.each([
    [
      "set but missing",
      { STIGMER_SERVER_BIN: "/no/such/file" },
      "STIGMER_SERVER_BIN set but file not found: /no/such/file",
    ],
    ["not named in development mode", { STIGMER_DEV_MODE: "true" }, "export STIGMER_SERVER_BIN="],
  ])("refuses a variable that is %s", (_, env, words) => {
    expect(() => resolve(env)).toThrow(ComponentMissing);
    expect(() => resolve(env)).toThrow(words);
  });

  test("says what is missing in the words of the specification", () => {
    expect(() => resolve({})).toThrow(
      `Error: stigmer-server binary not found

Expected location: /h/.stigmer/bin/stigmer-server

This usually means the Stigmer CLI installation is corrupted.

To fix:
  brew reinstall stigmer

For development, set environment variable:
  export STIGMER_SERVER_BIN=/path/to/stigmer-server`,
    );
  });

  test("a file that cannot be executed counts as missing", () => {
    mkdirSync(join(folder, "agent-runner"));
    writeFileSync(join(folder, "stigmer-server"), "", { mode: 0o600 });
    expect(() => resolve({})).toThrow(ComponentMissing);
  });
});

describe("reinstallAdvice()", () => {
  test.each([
    ["/opt/homebrew/Cellar/stigmer/1.0.0/bin/stigmer", "brew reinstall stigmer"],
    ["/usr/local/bin/stigmer", "https://github.com/stigmer/stigmer/releases"],
  ])("%s", (executable, words) => {
    expect(reinstallAdvice(executable)).toBe(words);
  });
});
