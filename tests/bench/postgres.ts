import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endProcess, freePort, startProcess } from "./processes.ts";

/** A PostgreSQL with its defaults, on a free port. */
export interface Postgres {
  readonly url: string;
  stop(): Promise<void>;
}

const DEBIAN = "/usr/lib/postgresql";

/** Starts Debian's PostgreSQL in a folder of its own; undefined where it is not installed. */
export async function startPostgres(): Promise<Postgres | undefined> {
  const version = existsSync(DEBIAN) ? readdirSync(DEBIAN).at(-1) : undefined;
  if (version === undefined) return undefined;
  const binaries = join(DEBIAN, version, "bin");
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  const asUser = unprivileged(folder);
  const [file = "", ...args] = [...asUser, join(binaries, "initdb"), "-D", folder, "-A", "trust", "-U", "postgres"];
  const made = spawnSync(file, args, { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`Cannot make a database: ${made.stderr}`);
  const port = await freePort();
  const [server = "", ...serverArgs] = [
    ...asUser,
    ...[join(binaries, "postgres"), "-D", folder, "-p", String(port), "-k", folder, "-h", "127.0.0.1"],
  ];
  const child = startProcess(server, serverArgs, process.env, "ignore");
  await untilReady(() => spawnSync(join(binaries, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)]).status === 0);
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/steps`,
    async stop() {
      const [ctl = "", ...ctlArgs] = [...asUser, join(binaries, "pg_ctl"), "-D", folder, "-m", "immediate", "stop"];
      spawnSync(ctl, ctlArgs);
      await endProcess(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(isReady: () => boolean): Promise<void> {
  for (const until = Date.now() + 30_000; Date.now() < until; await delay(50)) if (isReady()) return;
  throw new Error("PostgreSQL was not ready within 30 s");
}

/** PostgreSQL refuses to run as root. */
function unprivileged(folder: string): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const { stdout } = spawnSync("id", ["-u", "postgres"], { encoding: "utf8" });
  chownSync(folder, Number(stdout), -1);
  return ["runuser", "-u", "postgres", "--"];
}
