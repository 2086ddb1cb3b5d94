import type { Json } from "@stigmer/durable";
import { parse } from "yaml";
import { CLI_EXIT, CliError, usageError } from "../cli-error.ts";
import { readTextFile } from "../read-input.ts";

/** An event that is delivered `afterMs` from the start of the run, in order. */
export interface ScheduledEvent {
  readonly afterMs: number;
  readonly event: Json;
}

/** `FROM=TO` words of `--rewrite`. */
export function parseRewrites(words: readonly string[]): readonly { readonly from: string; readonly to: string }[] {
  return words.map((word) => {
    const at = word.indexOf("=");
    if (at < 1 || at === word.length - 1) {
      throw usageError(
        `Cannot rewrite "${word}": it is not FROM=TO`,
        "--rewrite https://api.example.com=http://127.0.0.1:8080",
      );
    }
    return { from: word.slice(0, at), to: word.slice(at + 1) };
  });
}

/** The map of `--secrets`. */
export function readSecrets(file: string | undefined): Readonly<Record<string, Json>> {
  if (file === undefined) return {};
  const value = parseFile(file);
  if (typeof value === "object" && value !== null && !isList(value)) return value;
  throw invalidFile(file, "it is not a map of names to values");
}

/** The list of `--events`. */
export function readEvents(file: string | undefined): readonly ScheduledEvent[] {
  if (file === undefined) return [];
  const value = parseFile(file);
  if (value === undefined || !isList(value)) throw invalidFile(file, "it is not a list of {afterMs, event}");
  return value.map((entry) => {
    if (typeof entry !== "object" || entry === null || isList(entry) || entry.event === undefined) {
      throw invalidFile(file, "an entry has no event");
    }
    const afterMs = Number(entry.afterMs ?? 0);
    if (!Number.isFinite(afterMs) || afterMs < 0) throw invalidFile(file, "afterMs is not a number from 0");
    return { afterMs, event: entry.event };
  });
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function parseFile(file: string): Json | undefined {
  try {
    return parse(readTextFile(file), { maxAliasCount: 100 }) as Json;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw invalidFile(file, error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
}

function invalidFile(file: string, why: string): CliError {
  return new CliError({
    reason: "INVALID_INPUT",
    message: `Cannot use "${file}": ${why}`,
    where: file,
    exitCode: CLI_EXIT.usage,
  });
}
