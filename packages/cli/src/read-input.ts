import { existsSync, readFileSync } from "node:fs";
import type { JsonValue } from "@bufbuild/protobuf";
import { CLI_EXIT, CliError } from "./cli-error.ts";
import type { CliContext } from "./command.ts";

/** An option whose value is data. */
type InputOption = "--input" | "--data" | "--filename";

const NEXT: Readonly<Record<InputOption, string>> = {
  "--input": `stigmer run NAME --input '{"key": 1}'`,
  "--data": `--data '{"key": 1}'`,
  "--filename": "stigmer event publish -f FILE",
};

/**
 * The input that `--input` (or another option) names: `-` is standard input, text that begins like JSON is JSON, the rest is a file of
 * JSON or YAML.
 *
 * @throws {CliError} FILE_NOT_FOUND or INVALID_INPUT
 */
export async function readInput(
  text: string | undefined,
  context: CliContext,
  option: InputOption = "--input",
): Promise<JsonValue | undefined> {
  if (text === undefined) return undefined;
  if (text === "-") return parseInput(await context.readStdin(), { option, where: "standard input" });
  if (/^\s*([[{"\d-]|true$|false$|null$)/.test(text) && !existsSync(text))
    return parseInput(text, { option, where: option });
  return parseInput(readTextFile(text), { option, where: text });
}

/** The text of a file that the user named. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new CliError({
      reason: isMissing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
      message: `Cannot read "${path}": ${isMissing ? "there is no such file" : messageOf(error)}`,
      exitCode: isMissing ? CLI_EXIT.notFound : CLI_EXIT.failure,
      cause: error,
    });
  }
}

async function parseInput(
  text: string,
  { option, where }: { readonly option: InputOption; readonly where: string },
): Promise<JsonValue> {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    const { parse } = await import("yaml");
    try {
      return parse(text, { maxAliasCount: 100 }) as JsonValue;
    } catch (error) {
      throw new CliError({
        reason: "INVALID_INPUT",
        message: `Cannot read ${option === "--input" ? "the input" : option}: it is neither JSON nor YAML (${messageOf(error).split("\n")[0]})`,
        where,
        next: NEXT[option],
        exitCode: CLI_EXIT.usage,
      });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
