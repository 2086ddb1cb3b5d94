import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "@stigmer/durable";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Bench, createBench } from "../agent-effects.testsuite.ts";

let bench: Bench;
let outside: string;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), "outside-"));
  writeFileSync(join(outside, "secret.txt"), "secret words");
  bench = createBench({}, [outside]);
  const root = bench.workspaceDir;
  mkdirSync(join(root, "notes", "deep"), { recursive: true });
  writeFileSync(join(root, "a.txt"), "first line\nsecond Line\nthird line\n");
  writeFileSync(join(root, "notes", "b.md"), "# Title\nfunction words\n");
  writeFileSync(join(root, "notes", "deep", "c.md"), "deep line\n");
  writeFileSync(join(root, "image.bin"), Buffer.from([1, 0, 2, 0]));
  symlinkSync(outside, join(root, "out"));
  symlinkSync(join(outside, "secret.txt"), join(root, "leak.txt"));
  symlinkSync("/proc/self/environ", join(root, "environ"));
  symlinkSync(join(root, "a.txt"), join(root, "inside.txt"));
});

afterEach(async () => {
  await bench.dispose();
  rmSync(outside, { recursive: true, force: true });
});

/** Runs a tool; gives its outcome and the text that the model gets. */
async function use(tool: string, args: Json, more: Record<string, Json> = {}) {
  const result = (await bench.run("tool", { tool, callId: "c", arguments: args, ...more })) as {
    outcome: string;
    ref?: string;
    text: string;
  };
  const content = result.ref === undefined ? undefined : await bench.blobs.get(result.ref);
  return {
    outcome: result.outcome,
    text: content ? new TextDecoder().decode(content) : result.text,
    preview: result.text,
  };
}

describe("list_files", () => {
  test("lists one folder", async () => {
    const { outcome, text } = await use("list_files", {});
    expect(outcome).toBe("ok");
    expect(text.split("\n")).toEqual([
      "a.txt 34",
      "environ (link)",
      "image.bin 4",
      "inside.txt (link)",
      "leak.txt (link)",
      "notes/",
      "out (link)",
    ]);
  });

  test("goes deeper when told so, and never through a link", async () => {
    const { text } = await use("list_files", { depth: 5 });
    expect(text).toContain("notes/deep/c.md 10");
    expect(text).not.toContain("secret");
  });
});

describe("read_file", () => {
  test("reads a file, and a link that stays inside", async () => {
    expect((await use("read_file", { path: "a.txt" })).text).toBe("first line\nsecond Line\nthird line");
    expect((await use("read_file", { path: "/notes/b.md" })).text).toBe("# Title\nfunction words");
    expect((await use("read_file", { path: "inside.txt" })).outcome).toBe("ok");
  });

  test("reads a range and says how to go on", async () => {
    const { text } = await use("read_file", { path: "a.txt", offset: 2, limit: 1 });
    expect(text).toBe("second Line\n(lines 2 to 2 of 3; read on with offset 3)");
  });

  test("a long file comes in parts", async () => {
    writeFileSync(join(bench.workspaceDir, "long.txt"), "0123456789\n".repeat(20_000));
    const { text, preview } = await use("read_file", { path: "long.txt" });
    expect(text).toContain("(lines 1 to 2000 of 20000; read on with offset 2001)");
    expect(preview.length).toBeLessThan(500);
  });

  test.each<[string, string, string]>([
    ["a parent", "../secret.txt", "does not exist"],
    ["many parents", "../../../../../../etc/passwd", "leads outside"],
    ["an absolute path", "/etc/passwd", "does not exist"],
    ["a link to a file outside", "leak.txt", "leads outside"],
    ["a link to a folder outside", "out/secret.txt", "leads outside"],
    ["a link to /proc", "environ", "leads outside"],
    ["a folder", "notes", "is no file"],
    ["nothing", "gone.txt", "does not exist"],
    ["a file as a folder", "a.txt/x", "no folder"],
    ["a zero byte", "a\0.txt", "zero byte"],
    ["a binary file", "image.bin", "no text file"],
    ["lines that are not there", "a.txt", "only 3 lines"],
  ])("refuses %s", async (name, path, words) => {
    const args = name.startsWith("lines") ? { path, offset: 9 } : { path };
    const { outcome, text } = await use("read_file", args);
    expect(outcome).toBe("failed");
    expect(text).toContain(words);
    expect(text).not.toContain("secret words");
  });

  test("does not wait for a pipe", async () => {
    expect(spawnSync("mkfifo", [join(bench.workspaceDir, "pipe")]).status).toBe(0);
    expect(await use("read_file", { path: "pipe" })).toMatchObject({ outcome: "failed", text: "pipe is no file" });
  });
});

describe("search_files", () => {
  test("finds text with path and line", async () => {
    const { text } = await use("search_files", { query: "line" });
    expect(text.split("\n")).toEqual(["a.txt:1: first line", "a.txt:3: third line", "notes/deep/c.md:1: deep line"]);
  });

  test.each<[Json, string[]]>([
    [
      { query: "LINE", ignoreCase: true, suffix: ".txt" },
      ["a.txt:1: first line", "a.txt:2: second Line", "a.txt:3: third line"],
    ],
    [{ query: "^#\\s+\\w+", regex: true }, ["notes/b.md:1: # Title"]],
    [{ query: "line", path: "notes" }, ["notes/deep/c.md:1: deep line"]],
    [{ query: "line", path: "a.txt" }, ["a.txt:1: first line", "a.txt:3: third line"]],
    [{ query: "nowhere" }, ["(nothing found in 3 files)"]],
    [{ query: "secret" }, ["(nothing found in 3 files)"]],
  ])("%j", async (args, lines) => {
    expect((await use("search_files", args)).text.split("\n")).toEqual(lines);
  });

  test.each<[string, Json, string]>([
    ["a broken expression", { query: "(", regex: true }, "cannot be used"],
    ["an expression that explodes", { query: "(a+)+$", regex: true, path: "bomb.txt" }, "takes too long"],
    ["a folder outside", { query: "x", path: "out" }, "leads outside"],
  ])("refuses %s", async (_name, args, words) => {
    writeFileSync(join(bench.workspaceDir, "bomb.txt"), `${"a".repeat(50)}!`);
    const startedAt = Date.now();
    expect(await use("search_files", args)).toMatchObject({ outcome: "failed", text: expect.stringContaining(words) });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });
});

describe("workspaces", () => {
  test("a named folder is the workspace", async () => {
    const folder = mkdtempSync(join(tmpdir(), "named-"));
    writeFileSync(join(folder, "own.txt"), "hi");
    expect((await use("list_files", {}, { workspace: folder })).text).toBe("own.txt 2");
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["the protected folder", ""],
    ["a folder that holds it", ".."],
    ["the whole machine", "/"],
  ])("%s is refused", async (_name, path) => {
    const workspace = path === "/" ? "/" : join(outside, path);
    expect(await use("list_files", {}, { workspace })).toMatchObject({
      outcome: "failed",
      text: expect.stringContaining("is refused"),
    });
  });

  test("a workspace that does not exist is named", async () => {
    expect((await use("list_files", {}, { workspace: "/no/such/folder" })).text).toContain(
      "The workspace does not exist",
    );
  });
});
