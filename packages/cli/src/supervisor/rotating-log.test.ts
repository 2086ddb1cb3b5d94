import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRotatingLog } from "./rotating-log.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmer-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("openRotatingLog()", () => {
  test("keeps the newest files, each below its limit", () => {
    const log = openRotatingLog({ path: join(folder, "a.log"), maxBytes: 10, keep: 2 });
    for (let n = 1; n <= 9; n++) log.write(`line${n}\n`);
    log.close();
    expect(readdirSync(folder).sort()).toEqual(["a.log", "a.log.1", "a.log.2"]);
    expect(readFileSync(join(folder, "a.log"), "utf8")).toBe("line9\n");
    expect(readFileSync(join(folder, "a.log.2"), "utf8")).toBe("line7\n");
  });

  test("goes on with what was there", () => {
    for (const text of ["one\n", "two\n"]) {
      const log = openRotatingLog({ path: join(folder, "a.log") });
      log.write(text);
      log.close();
    }
    expect(readFileSync(join(folder, "a.log"), "utf8")).toBe("one\ntwo\n");
  });
});
