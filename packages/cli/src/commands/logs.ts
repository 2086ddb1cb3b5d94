import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { CLI_EXIT, CliError, usageError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { type FollowedFile, followFiles } from "../logs/follow-files.ts";
import { COMPONENTS } from "../supervisor/machine.ts";

const SOURCES = ["supervisor", ...COMPONENTS];
const CHUNK_BYTES = 64 * 1024;

/** Prints the last lines of the logs, and follows them with `-f`. */
export async function run(call: CommandCall): Promise<number> {
  const { terminal, paths, interrupted } = call.context;
  const files = chooseSources(call.args[0]).map((source) => join(paths.logs, `${source}.log`));
  if (!files.some((file) => existsSync(file))) {
    throw new CliError({
      reason: "NO_LOGS",
      message: `Cannot show logs: there are none in ${paths.logs}`,
      next: "stigmer up",
      exitCode: CLI_EXIT.notFound,
    });
  }
  const count = parseTail(call.options.text("tail"));
  const tails = files.map((path) => readTail(path, count));
  const lines = tails.flatMap((tail) => tail.lines).sort((a, b) => timeOf(a).localeCompare(timeOf(b)));
  // A slice from -0 would be the whole.
  for (const line of count === 0 ? [] : lines.slice(-count)) terminal.out(`${line}\n`);
  if (!call.options.isSet("follow")) {
    for (const { file } of tails) if (file !== undefined) closeSync(file);
    return 0;
  }
  await followFiles({ files: tails, write: (text) => terminal.out(text), signal: interrupted });
  return CLI_EXIT.interrupted;
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

interface Tail extends FollowedFile {
  readonly lines: readonly string[];
}

/** The last lines of a file, read from its end, and where following goes on. A file that is not there yet has none. */
function readTail(path: string, count: number): Tail {
  if (!existsSync(path)) return { path, position: 0, file: undefined, lines: [] };
  const file = openSync(path, "r"); // stays open: following goes on in this very file, also when it is renamed now
  const { size } = fstatSync(file);
  const chunks: Buffer[] = [];
  let start = size;
  let newlines = 0;
  while (start > 0 && newlines <= count) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, start));
    start -= chunk.length;
    readSync(file, chunk, 0, chunk.length, start);
    newlines += chunk.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
    chunks.unshift(chunk);
  }
  const lines = Buffer.concat(chunks).toString("utf8").split("\n");
  const whole = lines.filter((line) => line !== "");
  return { path, position: size, file, lines: count === 0 ? [] : whole.slice(-count) };
}

function timeOf(line: string): string {
  return /"at":"([^"]+)"/.exec(line)?.[1] ?? "";
}
