import { closeSync, existsSync, fstatSync, openSync, readSync, watch } from "node:fs";
import { join } from "node:path";
import { CLI_EXIT, CliError, usageError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { COMPONENTS } from "../supervisor/machine.ts";

const SOURCES = ["supervisor", ...COMPONENTS];
const CHUNK_BYTES = 64 * 1024;

/** Prints the last lines of the logs, and follows them with `-f`. */
export async function run(call: CommandCall): Promise<number> {
  const { terminal, paths, interrupted } = call.context;
  const files = chooseSources(call.args[0]).map((source) => join(paths.logs, `${source}.log`));
  const found = files.filter((file) => existsSync(file));
  if (found.length === 0) {
    throw new CliError({
      reason: "NO_LOGS",
      message: `Cannot show logs: there are none in ${paths.logs}`,
      next: "stigmer up",
      exitCode: CLI_EXIT.notFound,
    });
  }
  const count = parseTail(call.options.text("tail"));
  const lines = found.flatMap((file) => lastLines(file, count)).sort((a, b) => timeOf(a).localeCompare(timeOf(b)));
  for (const line of lines.slice(-count)) terminal.out(`${line}\n`);
  if (call.options.isSet("follow")) await follow(found, (text) => terminal.out(text), interrupted);
  return 0;
}

function chooseSources(named: string | undefined): readonly string[] {
  if (named === undefined) return SOURCES;
  if (!SOURCES.includes(named))
    throw usageError(`Cannot show logs of "${named}": it is not one of ${SOURCES.join(", ")}`);
  return [named];
}

function parseTail(text: string | undefined): number {
  const count = Number(text ?? 100);
  if (!Number.isInteger(count) || count < 0)
    throw usageError(`Cannot show "${text}" lines: --tail takes a whole number`);
  return count;
}

/** The last lines of a file, read from its end. */
function lastLines(path: string, count: number): readonly string[] {
  const file = openSync(path, "r");
  try {
    let start = fstatSync(file).size;
    let text = "";
    while (start > 0 && text.split("\n").length <= count + 1) {
      const size = Math.min(CHUNK_BYTES, start);
      start -= size;
      const chunk = Buffer.alloc(size);
      readSync(file, chunk, 0, size, start);
      text = chunk.toString("utf8") + text;
    }
    return text
      .split("\n")
      .filter((line) => line !== "")
      .slice(-count);
  } finally {
    closeSync(file);
  }
}

function timeOf(line: string): string {
  return /"at":"([^"]+)"/.exec(line)?.[1] ?? "";
}

/** Goes on with what is written, also after a rotation, until interrupted. */
async function follow(
  files: readonly string[],
  write: (text: string) => void,
  interrupted: AbortSignal,
): Promise<void> {
  const positions = new Map(files.map((file) => [file, sizeOf(file)]));
  const watchers = files.map((file) =>
    watch(file, () => {
      const size = sizeOf(file);
      const from =
        Math.min(positions.get(file) ?? 0, size) === size && size < (positions.get(file) ?? 0)
          ? 0
          : (positions.get(file) ?? 0);
      if (size > from) write(readRange(file, from, size));
      positions.set(file, size);
    }),
  );
  await new Promise<void>((resolve) => {
    if (interrupted.aborted) return resolve();
    interrupted.addEventListener("abort", () => resolve());
  });
  for (const watcher of watchers) watcher.close();
}

function sizeOf(path: string): number {
  const file = openSync(path, "r");
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

function readRange(path: string, from: number, to: number): string {
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.alloc(to - from);
    readSync(file, chunk, 0, chunk.length, from);
    return chunk.toString("utf8");
  } finally {
    closeSync(file);
  }
}
