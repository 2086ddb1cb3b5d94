import { readdirSync, readFileSync } from "node:fs";

/** A process of this machine. */
export interface ListedProcess {
  readonly pid: number;
  /** Its words, separated by spaces. */
  readonly command: string;
}

/** The processes whose environment or words contain the text; zombies have neither. Linux only. */
export function listProcesses(text: string): readonly ListedProcess[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    const command = readWords(`/proc/${name}/cmdline`);
    const isOurs = command.includes(text) || readWords(`/proc/${name}/environ`).includes(text);
    return isOurs ? [{ pid: Number(name), command }] : [];
  });
}

/** True while the process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  return readWords(`/proc/${pid}/cmdline`) !== "";
}

function readWords(file: string): string {
  try {
    return readFileSync(file, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return ""; // ended meanwhile, or another user's
  }
}
