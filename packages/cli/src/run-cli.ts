import { homePaths, resolveHome } from "@stigmer/lifecycle";
import { CommanderError } from "commander";
import { CLI_EXIT, CliError, usageError } from "./cli-error.ts";
import type { CliContext } from "./command.ts";
import { buildProgram } from "./program.ts";
import { COMMANDS } from "./registry.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

/**
 * Runs one command line to its end.
 *
 * @returns the exit code
 */
export async function runCli(params: {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}): Promise<number> {
  const terminal = createTerminal(params.env);
  const interrupt = new AbortController();
  const context: CliContext = {
    commands: COMMANDS,
    env: params.env,
    paths: homePaths(resolveHome(params.env)),
    terminal,
    readStdin,
    interrupted: interrupt.signal,
  };
  // A reader that has seen enough (`| head`) closes our output: that is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? 0 : CLI_EXIT.failure),
  );
  process.once("SIGINT", () => {
    interrupt.abort();
    process.once("SIGINT", () => process.exit(CLI_EXIT.interrupted));
  });
  const outcome: { exitCode: number } = { exitCode: CLI_EXIT.ok };
  try {
    const program = buildProgram({
      argv: params.argv,
      context,
      onExitCode: (code) => {
        outcome.exitCode = code;
      },
    });
    await program.parseAsync(spellOutHelp(params.argv), { from: "user" });
    return outcome.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, params.argv.includes("--json"), terminal);
    if (error.exitCode === 0) return CLI_EXIT.ok;
    // Help that was printed because a group was named without its command says enough.
    if (error.code === "commander.help") return CLI_EXIT.usage;
    return reportError(refusal(error, params.argv), params.argv.includes("--json"), terminal);
  }
}

/** `help secret set` as `secret set --help`: the parser's own help command knows one word only. */
function spellOutHelp(argv: readonly string[]): string[] {
  const [first, ...words] = argv;
  return first === "help" && words.length > 1 ? [...words, "--help"] : [...argv];
}

/** What the parser did not understand, with its guess in place of the next command. */
function refusal(error: CommanderError, argv: readonly string[]): CliError {
  const [message = "", guess] = error.message.replace(/^error: /, "").split("\n");
  const guessed = /^\(Did you mean (one of )?(.*)\?\)$/.exec(guess ?? "")?.[2];
  const command = COMMANDS.find(({ name }) => `${argv.join(" ")} `.startsWith(`${name} `));
  const help = command === undefined ? "stigmer --help" : `stigmer ${command.name} --help`;
  return usageError(`Cannot read the command: ${message}`, guessed === undefined ? help : `${guessed}, or ${help}`);
}

/** Says what, where and what next in at most three lines (or as one JSON object), and gives the exit code. */
function reportError(error: unknown, asJson: boolean, terminal: Terminal): number {
  const known = error instanceof CliError ? error : unexpected(error);
  if (asJson) {
    const { reason, message, where, next } = known;
    terminal.err(`${JSON.stringify({ error: { reason, message, where, next } })}\n`);
    return known.exitCode;
  }
  const lines = [
    `${terminal.style("red", "Error:")} ${known.message}`,
    ...(known.where === undefined ? [] : [`  at ${known.where}`]),
    ...(known.next === undefined ? [] : [`  try: ${known.next}`]),
  ];
  // Messages of the specification are complete in themselves and begin with "Error:".
  terminal.err(known.message.startsWith("Error:") ? `${known.message}\n` : `${lines.join("\n")}\n`);
  return known.exitCode;
}

function unexpected(error: unknown): CliError {
  const message = error instanceof Error ? error.message : String(error);
  return new CliError({ reason: "UNEXPECTED", message, next: "stigmer doctor", cause: error });
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
