import { readFileSync } from "node:fs";
import { compileJq, JqError, JqLimitError, type Json, parseJsonText, toJsonText } from "@stigmer/jq";
import { CLI_EXIT, CliError, usageError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { type JqCall, parseJqCall } from "../jq/parse-jq-call.ts";
import { splitJsonTexts } from "../jq/split-json-texts.ts";

/** jq's own exit codes. */
const JQ_EXIT = { ok: 0, falsy: 1, compile: 3, none: 4, error: 5 } as const;

/** Evaluates a filter as jq would. */
export async function run(call: CommandCall): Promise<number> {
  const jq = parseJqCall(call.args);
  const { terminal } = call.context;
  const compiled = compileJq(jq.filter, {
    profile: "jq",
    variables: [...Object.keys(jq.variables), "ARGS", "__prog_args"],
  });
  if (!compiled.ok) {
    for (const { message, position } of compiled.diagnostics) {
      terminal.err(`jq: error: ${message} at line ${position.line}, column ${position.column}\n`);
    }
    return JQ_EXIT.compile;
  }
  const texts = jq.isNullInput ? [] : await readInputs(call, jq);
  let exitCode: number = JQ_EXIT.ok;
  let last: Json | undefined;
  const inputs = jq.isNullInput ? [null] : jq.isSlurp ? [texts] : texts;
  const rest = inputs[Symbol.iterator]();
  for (let next = rest.next(); !next.done; next = rest.next()) {
    try {
      for (const output of compiled.filter.iterate(next.value, {
        variables: { ...jq.variables, ARGS: { positional: [], named: jq.variables }, __prog_args: [] },
        inputs: rest,
        env: environmentOf(call),
        now: () => Date.now() / 1000,
      })) {
        last = output;
        terminal.out(`${printed(output, jq)}\n`);
      }
    } catch (error) {
      if (!(error instanceof JqError || error instanceof JqLimitError)) throw error;
      terminal.err(`jq: error: ${error.message}\n`);
      exitCode = JQ_EXIT.error;
    }
  }
  if (exitCode !== JQ_EXIT.ok || !jq.isExitStatus) return exitCode;
  if (last === undefined) return JQ_EXIT.none;
  return last === null || last === false ? JQ_EXIT.falsy : JQ_EXIT.ok;
}

function printed(output: Json, jq: JqCall): string {
  if (jq.isRaw && typeof output === "string") return output;
  return toJsonText(output, { ...(jq.isCompact ? {} : { indent: 2 }), sortKeys: jq.isSorted });
}

async function readInputs(call: CommandCall, jq: JqCall): Promise<readonly Json[]> {
  const text = jq.file === undefined ? await call.context.readStdin() : readFile(jq.file);
  try {
    return splitJsonTexts(text).map((piece) => parseJsonText(piece));
  } catch (error) {
    throw new CliError({
      reason: "INVALID_JSON",
      message: `Cannot read the input as JSON: ${error instanceof Error ? error.message : String(error)}`,
      where: jq.file ?? "standard input",
      exitCode: CLI_EXIT.usage,
    });
  }
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw usageError(`Cannot read "${path}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

function environmentOf(call: CommandCall): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(call.context.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
