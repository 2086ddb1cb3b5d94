import { appendFileSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openRotatingLog } from "../supervisor/rotating-log.ts";
import { followFiles } from "./follow-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmer-follow-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Follows from the end of what is there; `text` grows. */
function follow(path: string) {
  const stop = new AbortController();
  const seen = { text: "" };
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  const ended = followFiles({
    files: [{ path, position: size ?? 0, file: size === undefined ? undefined : openSync(path, "r") }],
    write: (text) => {
      seen.text += text;
    },
    signal: stop.signal,
  });
  const end = () => {
    stop.abort();
    return ended;
  };
  return { seen, end };
}

describe("followFiles()", () => {
  test("writes what is appended, not what was there", async () => {
    const path = join(folder, "a.log");
    writeFileSync(path, "old\n");
    const following = follow(path);
    appendFileSync(path, "new\n");
    await vi.waitFor(() => expect(following.seen.text).toBe("new\n"), { timeout: 5_000 });
    await following.end();
  });

  test("begins with a file that is made later", async () => {
    const path = join(folder, "a.log");
    const following = follow(path);
    writeFileSync(path, "first\n");
    await vi.waitFor(() => expect(following.seen.text).toBe("first\n"), { timeout: 5_000 });
    await following.end();
  });

  test("loses no line over rotations", async () => {
    const path = join(folder, "a.log");
    const log = openRotatingLog({ path, maxBytes: 100 });
    const following = follow(path);
    const lines = Array.from({ length: 30 }, (_, at) => `line ${at} of thirty é\n`);
    for (const [at, line] of lines.entries()) {
      log.write(Buffer.from(line));
      await vi.waitFor(() => expect(following.seen.text).toBe(lines.slice(0, at + 1).join("")), { timeout: 5_000 });
    }
    log.close();
    await following.end();
  });
});
