import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { lockFolder } from "./folder-lock.ts";

const CONTENDER = path.join(import.meta.dirname, "hold-lock.testsuite.ts");
let folder = "";
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = makeTestFolder();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function contend(): Promise<{ readonly child: ChildProcess; readonly word: string }> {
  const child = spawn(process.execPath, [CONTENDER, folder, "/home/of/owner"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [word] = await once(child.stdout, "data");
  return { child, word: String(word).trim() };
}

describe("lockFolder()", () => {
  test("goes to one of 20 contenders", { timeout: 60_000 }, async () => {
    const all = await Promise.all(Array.from({ length: 20 }, contend));
    expect(all.map((one) => one.word).sort()).toEqual([...Array(19).fill("busy"), "held"]);
  });

  test("names its owner, and is free when the owner is killed", { timeout: 30_000 }, async () => {
    const { child, word } = await contend();
    expect(word).toBe("held");
    expect(lockFolder(folder, "/other")).toEqual({ owner: { pid: child.pid, home: "/home/of/owner" } });
    child.kill("SIGKILL");
    await once(child, "exit");
    const taken = lockFolder(folder, "/other");
    if (!("lock" in taken)) throw new Error("the lock of a dead process is still taken");
    taken.lock.release();
  });
});
