import { existsSync, readFileSync } from "node:fs";
import type { JsonValue } from "@bufbuild/protobuf";
import { CLI_EXIT, CliError } from "./cli-error.ts";
import type { CliContext } from "./command.ts";

/**
 * The input that `--input` names: `-` is standard input, text that begins like JSON is JSON, the rest is a file of
 * JSON or YAML.
 *
 * @throws {CliError} FILE_NOT_FOUND or INVALID_INPUT
 */
export async function readInput(text: string | undefined, context: CliContext): Promise<JsonValue | undefined> {
  if (text === undefined) return undefined;
  if (text === "-") return parseInput(await context.readStdin(), "standard input");
  if (/^\s*([[{"\d-]|true$|false$|null$)/.test(text) && !existsSync(text)) return parseInput(text, "--input");
  return parseInput(readTextFile(text), text);
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

async function parseInput(text: string, where: string): Promise<JsonValue> {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    const { parse } = await import("yaml");
    try {
      return parse(text, { maxAliasCount: 100 }) as JsonValue;
    } catch (error) {
      throw new CliError({
        reason: "INVALID_INPUT",
        message: `Cannot read the input: it is neither JSON nor YAML (${messageOf(error).split("\n")[0]})`,
        where,
        next: `stigmer run NAME --input '{"key": 1}'`,
        exitCode: CLI_EXIT.usage,
      });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
