import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { BlobService, ExecutionService, ResourceService, SystemService } from "@stigmer/api";
import { homePaths } from "@stigmer/lifecycle";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failureOf, makeHome, startTestServer } from "../server.testsuite.ts";
import { migrations } from "../store/migrations/migrations.ts";
import { openDatabase } from "../store/open-database.ts";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { restoreBackup } from "./restore-backup.ts";

const WORKFLOW =
  'document: {dsl: "1.0.3", namespace: default, name: kept, version: "1.0.0"}\ndo: [{one: {set: {a: 1}}}]\n';
const LARGE = Buffer.alloc(400 * 1024, 7);

let folder: string;
beforeEach(() => {
  folder = makeTestFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A home with one workflow, one execution, one secret and one large value, and its backup. */
async function backUp(withKey: boolean): Promise<{ readonly path: string; readonly digest: string }> {
  await using running = await startTestServer();
  await running.client(ResourceService).apply({ source: WORKFLOW });
  await running.client(ResourceService).setSecret({ name: "TOKEN", value: '"kept-secret"' });
  await running.client(ExecutionService).start({ target: { name: "kept" } });
  const { digest } = await running.client(BlobService).putBlob({ content: LARGE });
  const path = join(folder, "copy");
  const answer = await running.client(SystemService).backup({ path, withKey });
  expect(answer.digest).toMatch(/^sha256:/);
  expect(Number(answer.sizeBytes)).toBeGreaterThan(LARGE.length);
  return { path, digest };
}

describe("Backup and restore", () => {
  test.each([true, false])(
    "bring everything back in another home, secrets only with their key: %s",
    async (withKey) => {
      const { path, digest } = await backUp(withKey);
      expect(existsSync(join(path, "secret-key"))).toBe(withKey);
      using other = makeHome();
      const restored = await restoreBackup(path, homePaths(other.home));
      expect(restored.lostSecrets).toEqual(withKey ? [] : ["default/default/TOKEN"]);
      await using running = await startTestServer({ home: other.home });
      const { resource } = await running.client(ResourceService).get({ ref: { kind: "Workflow", name: "kept" } });
      expect(resource?.status?.revision).toBe(1);
      expect((await running.client(ExecutionService).listExecutions({ name: "kept" })).executions).toHaveLength(1);
      expect(LARGE.equals((await running.client(BlobService).getBlob({ digest })).content)).toBe(true);
      const { secrets } = await running.client(ResourceService).listSecrets({});
      expect(secrets.map((one) => one.name)).toEqual(withKey ? ["TOKEN"] : []);
    },
  );

  test("a copy from before an upgrade brings an older version back", async () => {
    using own = makeHome();
    const paths = homePaths(own.home);
    const digest = await (async () => {
      await using running = await startTestServer({ home: own.home });
      await running.client(ResourceService).apply({ source: WORKFLOW });
      return (await running.client(BlobService).putBlob({ content: LARGE })).digest;
    })();
    const step = { id: "9999-later", up: (db: DatabaseSync) => db.exec("drop table resource") };
    await (await openDatabase({ dataDir: paths.data, migrations: [...migrations, step] })).close();

    const refused = await failureOf(openDatabase({ dataDir: paths.data }));
    expect(refused.reason).toBe("SCHEMA_TOO_NEW");
    const path = /stigmer restore (.+)$/.exec(refused.hint)?.[1] ?? "";
    expect(path).toBe(join(paths.data, "backups", `after-${migrations.at(-1)?.id}`));
    await restoreBackup(path, paths);
    await using running = await startTestServer({ home: own.home });
    const { resource } = await running.client(ResourceService).get({ ref: { kind: "Workflow", name: "kept" } });
    expect(resource?.status?.revision).toBe(1);
    expect(LARGE.equals((await running.client(BlobService).getBlob({ digest })).content)).toBe(true);
  });

  test("a restore keeps what stood there", async () => {
    const { path } = await backUp(true);
    using other = makeHome();
    await (await startTestServer({ home: other.home })).close();
    const { previous } = await restoreBackup(path, homePaths(other.home));
    expect(readdirSync(previous ?? "")).toContain("stigmer.db");
  });

  test("a running server blocks a restore", async () => {
    const { path } = await backUp(false);
    await using running = await startTestServer();
    expect((await failureOf(restoreBackup(path, homePaths(running.home)))).reason).toBe("RESTORE_BLOCKED");
  });

  test.each<[string, (path: string) => void]>([
    ["a changed file", (path) => writeFileSync(join(path, "stigmer.db"), "junk")],
    ["a missing file", (path) => rmSync(join(path, "stigmer.db"))],
    ["a stranger among the files", (path) => writeFileSync(join(path, "blobs", "extra"), "x")],
    ["a damaged list", (path) => writeFileSync(join(path, "backup.json"), "{")],
    ["no list", (path) => rmSync(join(path, "backup.json"))],
    ["nothing at all", (path) => rmSync(path, { recursive: true })],
  ])("refuses %s and changes nothing", async (_name, damage) => {
    const { path } = await backUp(false);
    damage(path);
    using other = makeHome();
    expect((await failureOf(restoreBackup(path, homePaths(other.home)))).reason).toBe("BACKUP_INVALID");
    expect(existsSync(homePaths(other.home).database)).toBe(false);
  });

  test("a value whose file is gone is noticed by the backup", async () => {
    await using running = await startTestServer();
    await running.client(BlobService).putBlob({ content: LARGE });
    rmSync(join(running.home, "data", "blobs"), { recursive: true });
    const failure = await failureOf(running.client(SystemService).backup({ path: join(folder, "copy") }));
    expect(failure.reason).toBe("BACKUP_INVALID");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a backup goes only where nothing is, and leaves nothing behind when it fails", async () => {
    await using running = await startTestServer();
    const api = running.client(SystemService);
    mkdirSync(join(folder, "taken"));
    writeFileSync(join(folder, "file"), "x");
    expect((await failureOf(api.backup({ path: join(folder, "taken") }))).reason).toBe("BACKUP_EXISTS");
    expect((await failureOf(api.backup({ path: join(folder, "file", "below") }))).reason).toBe("DATA_NOT_WRITABLE");
    expect((await failureOf(api.backup({ path: "relative" }))).reason).toBe("INVALID_REQUEST");
    expect(readdirSync(folder).sort()).toEqual(["file", "taken"]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("x");
  });
});

describe("Status", () => {
  test("tells versions, sizes, phases, backlog and retention", async () => {
    await using running = await startTestServer();
    await running.client(ExecutionService).start({ source: WORKFLOW });
    const status = await running.client(SystemService).status({});
    expect(status).toMatchObject({ engine: "embedded", backlog: 1n, executionsByPhase: { pending: 1n }, runners: [] });
    expect(Object.keys(status.sizes).sort()).toEqual(["blobs", "database", "wal", "workspaces"]);
    expect(status.retention).toMatchObject({ journals: "7 days", executions: "30 days", total: "10 GB" });
  });
});
