import { spawnSync } from "node:child_process";
import {
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Phase } from "@stigmer/api";
import { createClient } from "@stigmer/sdk";
import { createTestHome, type TestHome } from "../e2e/platform-fixture.ts";

/** What the cuts showed. */
export interface PowerCutResult {
  readonly cuts: number;
  /** Executions whose start was acknowledged before a cut, over all cuts. */
  readonly acknowledged: number;
  /** Those that were not there afterwards, or did not complete. */
  readonly lost: number;
  /** Cuts that took a file which was written and not synced: that many of the cuts were real. */
  readonly real: number;
}

const IMAGE_BYTES = 192 << 20;
const WRITERS = 8;
const WORKFLOW = `document: { dsl: "1.0.3", namespace: faults, name: short, version: "1.0.0" }
do:
  - first: { set: { n: 1 } }
  - rest: { wait: { milliseconds: 300 } }
  - second: { set: { n: 2 } }
`;

/** Whether this machine lets us mount images: root, with loop devices. */
export function canCutPower(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const rig = createDisk();
  try {
    rig.mount();
    return true;
  } catch {
    return false;
  } finally {
    rig.remove();
  }
}

/**
 * Lets a platform write on a disk of its own, takes what the disk holds at that moment as a power cut would leave it
 * (dirty pages are lost), and starts a platform on each copy: all that was acknowledged must be there and complete.
 */
export async function runPowerCuts(params: {
  readonly cuts: number;
  readonly betweenMs: number;
}): Promise<PowerCutResult> {
  const disk = createDisk();
  const home = createTestHome();
  let [acknowledged, lost, real] = [0, 0, 0];
  try {
    disk.mount();
    symlinkSync(disk.folder, join(home.home, "data"));
    await home.text(["up", "--port", "0"]);
    writeFileSync(join(home.home, "short.yaml"), WORKFLOW);
    await home.text(["apply", "-f", join(home.home, "short.yaml")]);
    for (let cut = 0; cut < params.cuts; cut++) {
      const writer = startWriting(home, `cut-${cut}`);
      await delay(params.betweenMs);
      const pid = home.pidOf("server");
      writeFileSync(join(disk.folder, `unsynced-${cut}`), "gone");
      process.kill(pid, "SIGSTOP"); // a copy takes longer than a cut: nothing may change meanwhile
      const ids = [...writer.acknowledged];
      const copy = disk.copy();
      process.kill(pid, "SIGCONT");
      await writer.stop();
      acknowledged += ids.length;
      copy.mount();
      if (
        !existsSync(join(copy.folder, `unsynced-${cut}`)) ||
        readFileSync(join(copy.folder, `unsynced-${cut}`), "utf8") !== "gone"
      )
        real++;
      lost += await countLost(copy, home, ids);
    }
    return { cuts: params.cuts, acknowledged, lost, real };
  } finally {
    await home.remove();
    disk.remove();
  }
}

interface Disk {
  /** Where it is mounted. */
  readonly folder: string;
  mount(): void;
  /** A second disk with the bytes that this one holds now; not mounted yet. */
  copy(): Disk;
  remove(): void;
}

function createDisk(image?: string): Disk {
  const root = mkdtempSync(join(tmpdir(), "stigmer-disk-"));
  const [file, folder] = [join(root, "image"), join(root, "data")];
  mkdirSync(folder);
  if (image !== undefined) copyFileSync(image, file, constants.COPYFILE_FICLONE);
  return {
    folder,
    mount() {
      if (image === undefined) {
        writeFileSync(file, "");
        truncateSync(file, IMAGE_BYTES);
        mustRun("mkfs.ext4", ["-q", file]);
      }
      mustRun("mount", ["-o", "loop", file, folder]);
    },
    copy: () => createDisk(file),
    remove() {
      spawnSync("umount", ["-l", folder]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function mustRun(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${error?.message ?? stderr}`);
}

/** Starts executions without a pause and remembers which were acknowledged. */
function startWriting(home: TestHome, prefix: string) {
  const client = createClient({ socketPath: join(home.home, "run/stigmer.sock") });
  const acknowledged: string[] = [];
  let isOver = false;
  let count = 0;
  const write = async () => {
    const executions = await client.executions();
    while (!isOver) {
      const { execution } = await executions.start({
        target: { kind: "Workflow", name: "short" },
        idempotencyKey: `${prefix}-${count++}`,
      });
      if (execution) acknowledged.push(execution.id);
    }
  };
  const ended = Promise.all(Array.from({ length: WRITERS }, write));
  return {
    acknowledged,
    async stop() {
      isOver = true;
      await ended;
      client.close();
    },
  };
}

/** Starts a platform on the disk and counts what is not there or does not complete within a minute. */
async function countLost(disk: Disk, origin: TestHome, ids: readonly string[]): Promise<number> {
  const home = createTestHome();
  try {
    symlinkSync(disk.folder, join(home.home, "data"));
    cpSync(join(origin.home, "auth"), join(home.home, "auth"), { recursive: true });
    await home.text(["up", "--port", "0"]);
    const client = createClient({ socketPath: join(home.home, "run/stigmer.sock") });
    const executions = await client.executions();
    const open = new Set(ids);
    for (const until = Date.now() + 60_000; open.size > 0 && Date.now() < until; await delay(50)) {
      for (const id of open) {
        const phase = await executions.getExecution({ id }).then(
          ({ execution }) => execution?.phase,
          () => undefined,
        );
        if (phase === Phase.COMPLETED) open.delete(id);
        else break; // the first that is not there yet says enough for this look
      }
    }
    client.close();
    return open.size;
  } finally {
    await home.remove();
    disk.remove();
  }
}
