import type { Json } from "@stigmer/durable";
import type { EffectContext } from "../effect-context.ts";
import { asText, InputReader, isList, isObject } from "../read-input.ts";
import { readProcessReturn, toProcessResult } from "./process-result.ts";
import { type ProcessOptions, runProcess, toEnvironment } from "./run-process.ts";

/**
 * Does a `shell` effect: `sh -c command` with a list of arguments as `$1`…, or a map of them as shell variables.
 *
 * @throws {DurableFailure} see toProcessResult
 */
export async function runShell(input: Json, context: EffectContext, options: ProcessOptions): Promise<Json> {
  const reader = new InputReader("run: shell", input);
  const command = reader.text("command");
  const returns = readProcessReturn(reader);
  const given = reader.value("arguments");
  const args = isList(given) ? given.map(asText) : [];
  const variables = isObject(given) ? given : {};
  const outcome = await runProcess(
    {
      command: "sh",
      args: ["-c", command, "sh", ...args],
      env: toEnvironment({ ...variables, ...reader.map("environment") }),
      stdin: asText(reader.value("stdin") ?? ""),
    },
    context,
    options,
  );
  return toProcessResult(outcome, {
    what: "run: shell",
    returns,
    trim: reader.flag("trim"),
    missingHint: 'the shell "sh" is not on the PATH',
  });
}
