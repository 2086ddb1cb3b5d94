import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { StigmerError } from "@stigmer/api";
import { type Listener, listen, type RequestHandler } from "./listener.ts";
import type { UpgradeHandler } from "./upgrade-gate.ts";

const PROBE_MS = 2_000;

/**
 * Opens the unix socket of this user: mode 0600 in a private folder (0700, ours). A socket left behind by a dead
 * server is replaced; call this only while holding the lock on the data.
 *
 * @throws {StigmerError} SOCKET_IN_USE when somebody listens there; DATA_NOT_WRITABLE when the folder is not private
 */
export async function openSocket(path: string, handler: RequestHandler, onUpgrade?: UpgradeHandler): Promise<Listener> {
  ensurePrivateFolder(dirname(path));
  await removeStaleSocket(path);
  const listener = await listen({ path }, handler, onUpgrade === undefined ? {} : { onUpgrade });
  // Until here the folder's mode alone keeps others out.
  chmodSync(path, 0o600);
  return listener;
}

function ensurePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const isOurs = process.getuid === undefined || stats.uid === process.getuid();
  if (!stats.isDirectory() || !isOurs) {
    const message = `Cannot use folder "${folder}" for the socket: it is not a folder of this user`;
    throw new StigmerError({ reason: "DATA_NOT_WRITABLE", message, details: { metadata: { path: folder } } });
  }
  if ((stats.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

async function removeStaleSocket(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) {
    const message = `Cannot listen on "${path}": something that is no socket lies there`;
    throw new StigmerError({ reason: "SOCKET_IN_USE", message, hint: `move it away: mv ${path} ${path}.old` });
  }
  if (await isAnswered(path)) {
    throw new StigmerError({ reason: "SOCKET_IN_USE", message: `Cannot listen on "${path}": another program does` });
  }
  rmSync(path, { force: true });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const finish = (answered: boolean) => {
      probe.destroy();
      resolve(answered);
    };
    probe.setTimeout(PROBE_MS, () => finish(true));
    probe.once("connect", () => finish(true)).once("error", () => finish(false));
  });
}
