import { rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { isStigmerError } from "@stigmer/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { openDatabase } from "./open-database.ts";
import { pragma } from "./pragmas.ts";

let home = "";
beforeEach(() => {
  home = makeTestFolder();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const digest = (n: number): string => `sha256:${n.toString(16).padStart(64, "0")}`;

describe("openDatabase()", () => {
  test("writes through the thread and reads what is on disk", async () => {
    const store = await openDatabase({ dataDir: path.join(home, "data") });
    await store.write("putBlob", { digest: digest(1), sizeBytes: 2, content: new Uint8Array([1, 2]), nowMs: 1 });
    expect(store.read.get("select size from blob where digest = ?", digest(1))).toEqual({ size: 2 });
    expect(pragma(store.read.raw, "journal_mode")).toBe("wal");
    await store.close();
  });

  test("commits what arrives together in one group", async () => {
    const store = await openDatabase({ dataDir: path.join(home, "data") });
    const writes = [1, 2, 3].map((n) =>
      store.write("putBlob", { digest: digest(n), sizeBytes: 0, content: null, nowMs: 1 }),
    );
    await Promise.all(writes);
    expect(store.stats()).toEqual({ groups: 1, commands: 3, pending: 0 });
    await store.close();
  });

  test("lets a bad command fail alone", async () => {
    const store = await openDatabase({ dataDir: path.join(home, "data") });
    const bad = store.write("putBlob", { digest: null as unknown as string, sizeBytes: 0, content: null, nowMs: 1 });
    const good = store.write("putBlob", { digest: digest(1), sizeBytes: 0, content: null, nowMs: 1 });
    await expect(bad).rejects.toThrow(/putBlob/);
    await good;
    expect(store.read.all("select digest from blob")).toEqual([{ digest: digest(1) }]);
    await store.close();
  });

  test("names the owner to a second one, also through a symlink", async () => {
    const dataDir = path.join(home, "data");
    const store = await openDatabase({ dataDir, home });
    symlinkSync(dataDir, path.join(home, "other"));
    for (const again of [dataDir, path.join(home, "other")]) {
      const error: unknown = await openDatabase({ dataDir: again }).catch((caught: unknown) => caught);
      expect(isStigmerError(error, "DATA_IN_USE") && error.details.metadata).toEqual({
        pid: String(process.pid),
        home,
      });
    }
    await store.close();
    await (await openDatabase({ dataDir })).close();
  });

  test("fails everything, once and for all, when the writer's thread dies", async () => {
    const writerFile = path.join(import.meta.dirname, "dying-writer.testsuite.ts");
    const store = await openDatabase({ dataDir: path.join(home, "data"), writerFile });
    const failures: unknown[] = [];
    store.onFailure((error) => failures.push(error.reason));
    const write = () => store.write("putBlob", { digest: digest(1), sizeBytes: 0, content: null, nowMs: 1 });
    const first = await Promise.allSettled([write(), write()]);
    const later = await Promise.allSettled([write()]);
    expect([...first, ...later].map((one) => one.status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(failures).toEqual(["INTERNAL"]);
    await store.close();
    await (await openDatabase({ dataDir: path.join(home, "data") })).close();
  });

  test("keeps a large value in a file that is there when its row is", async () => {
    const store = await openDatabase({ dataDir: path.join(home, "data") });
    const bytes = new Uint8Array(300_000).fill(7);
    await store.write(
      "putBlob",
      { digest: digest(5), sizeBytes: bytes.length, content: null, nowMs: 1 },
      { files: [{ digest: digest(5), bytes }] },
    );
    expect(store.blobFiles.read(digest(5))).toEqual(Buffer.from(bytes));
    await store.close();
  });

  test.for(["sha256:../../etc", "sha256:", `md5:${"0".repeat(64)}`, `sha256:${"G".repeat(64)}`])(
    "refuses the digest %j as a file",
    async (bad) => {
      const store = await openDatabase({ dataDir: path.join(home, "data") });
      expect(() => store.blobFiles.read(bad)).toThrow(/digest/);
      await store.close();
    },
  );
});
