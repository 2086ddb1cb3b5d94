import type { Json } from "@stigmer/durable";
import type { EffectContext } from "../effect-context.ts";
import { failure } from "../fail.ts";
import { asText, InputReader, isList, isObject } from "../read-input.ts";
import { readProcessReturn, toProcessResult } from "./process-result.ts";
import { pythonProgram } from "./python-program.ts";
import { type ProcessOptions, type RunProcessParams, runProcess, toEnvironment } from "./run-process.ts";
import type { ScriptOrder } from "./script-order.ts";

/**
 * Does a `script` effect: JavaScript in our own executable, Python in the machine's `python3`. A list of arguments
 * becomes argv, a map becomes variables. The code never stands in an argument list or a file.
 *
 * @throws {DurableFailure} see toProcessResult
 */
export async function runScript(input: Json, context: EffectContext, options: ProcessOptions): Promise<Json> {
  const reader = new InputReader("run: script", input);
  const language = readLanguage(reader.text("language"));
  const returns = readProcessReturn(reader);
  const order = toOrder(reader);
  const outcome = await runProcess(
    {
      ...start(language, order, options),
      env: toEnvironment(reader.map("environment")),
      stdin: asText(reader.value("stdin") ?? ""),
    },
    context,
    options,
  );
  return toProcessResult(outcome, {
    what: `run: script (${language})`,
    returns,
    trim: reader.flag("trim"),
    missingHint:
      language === "python" ? "this machine has no python3 on the PATH; install Python 3" : "the executable is gone",
  });
}

type Language = "js" | "python";

function readLanguage(name: string): Language {
  switch (name.toLowerCase()) {
    case "js":
    case "javascript":
      return "js";
    case "python":
    case "python3":
      return "python";
    default:
      throw failure("configuration", {
        detail: `Cannot run a script in "${name}": the languages are js and python`,
        retryable: false,
      });
  }
}

function toOrder(reader: InputReader): ScriptOrder {
  const given = reader.value("arguments");
  return {
    code: reader.text("code"),
    args: isList(given) ? given.map(asText) : [],
    variables: isObject(given) ? given : {},
  };
}

function start(
  language: Language,
  order: ScriptOrder,
  options: ProcessOptions,
): Pick<RunProcessParams, "command" | "args" | "payload"> {
  switch (language) {
    case "js":
      return { command: options.script.file, args: options.script.args, payload: JSON.stringify(order) };
    case "python":
      return { command: "python3", args: ["/dev/fd/3", ...order.args], payload: pythonProgram(order) };
  }
}
