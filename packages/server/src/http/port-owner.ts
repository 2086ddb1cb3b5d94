import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Pid of the process that listens on a TCP port of this machine; undefined when it cannot be told: on systems without
 * /proc, or when the process is another user's.
 */
export function findPortOwner(port: number): number | undefined {
  const inodes = [...listeningInodes("/proc/net/tcp", port), ...listeningInodes("/proc/net/tcp6", port)];
  if (inodes.length === 0) return undefined;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return listFolder("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => listFolder(`/proc/${pid}/fd`).some((fd) => wanted.has(readLink(`/proc/${pid}/fd/${fd}`))));
}

/** Rows of /proc/net/tcp: local address in column 1, state in column 3 (0A is LISTEN), inode in column 9. */
function listeningInodes(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readText(table)
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) === true && columns[3] === "0A")
    .flatMap((columns) => (columns[9] === undefined ? [] : [columns[9]]));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
