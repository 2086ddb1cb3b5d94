import { type Json, parseJsonText } from "@stigmer/jq";
import { usageError } from "../cli-error.ts";

/** A call of `stigmer jq`, read as jq reads its own. */
export interface JqCall {
  readonly filter: string;
  readonly file: string | undefined;
  readonly variables: Readonly<Record<string, Json>>;
  readonly isNullInput: boolean;
  readonly isCompact: boolean;
  readonly isRaw: boolean;
  readonly isSlurp: boolean;
  readonly isSorted: boolean;
  readonly isExitStatus: boolean;
}

const FLAGS: Readonly<Record<string, string>> = {
  "--null-input": "n",
  "--compact-output": "c",
  "--raw-output": "r",
  "--slurp": "s",
  "--sort-keys": "S",
  "--exit-status": "e",
};

/** Reads the words of the call; short flags may stand together (`-nr`), `--` ends them. */
export function parseJqCall(words: readonly string[]): JqCall {
  const flags = new Set<string>();
  const variables: Record<string, Json> = {};
  const positional: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") {
      positional.push(...words.slice(at + 1));
      break;
    }
    if (word === "--arg" || word === "--argjson") {
      const name = words[at + 1];
      const text = words[at + 2];
      if (name === undefined || text === undefined)
        throw usageError(`Cannot read ${word}: it takes a name and a value`);
      variables[name] = word === "--arg" ? text : parseArgument(name, text);
      at += 2;
      continue;
    }
    for (const flag of flagsOf(word)) flags.add(flag);
    if (!isFlag(word)) positional.push(word);
  }
  const [filter, file, ...more] = positional;
  if (filter === undefined) throw usageError("Cannot run jq: no filter was given", "stigmer jq . data.json");
  if (more.length > 0) throw usageError(`Cannot run jq: one file at most, "${more[0]}" is too many`);
  return {
    filter,
    file,
    variables,
    isNullInput: flags.has("n"),
    isCompact: flags.has("c"),
    isRaw: flags.has("r"),
    isSlurp: flags.has("s"),
    isSorted: flags.has("S"),
    isExitStatus: flags.has("e"),
  };
}

function isFlag(word: string): boolean {
  return word.length > 1 && word.startsWith("-");
}

function flagsOf(word: string): readonly string[] {
  if (!isFlag(word)) return [];
  const long = FLAGS[word];
  if (long !== undefined) return [long];
  const letters = word.startsWith("--") ? [] : [...word.slice(1)];
  if (letters.length === 0 || letters.some((letter) => !"ncrsSe".includes(letter))) {
    throw usageError(`Cannot use option "${word}" of jq`, "stigmer jq --help");
  }
  return letters;
}

function parseArgument(name: string, text: string): Json {
  try {
    return parseJsonText(text);
  } catch {
    throw usageError(`Cannot bind $${name}: "${text}" is not JSON`);
  }
}
