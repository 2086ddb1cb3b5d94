import { VERSION } from "@stigmer/lifecycle";
import { Command, Option } from "commander";
import type { CliContext, CommandDefinition } from "./command.ts";
import { commandOptions } from "./command.ts";
import { GROUPS } from "./command-groups.ts";

export interface BuildProgramParams {
  readonly argv: readonly string[];
  readonly context: CliContext;
  readonly onExitCode: (exitCode: number) => void;
}

/** The parser for one command line: all names, but only the code of the command that is called. */
export function buildProgram(params: BuildProgramParams): Command {
  const program = configure(new Command("stigmer"), params)
    .description("Durable workflows and AI agents in one file.")
    .version(VERSION, "-V, --version", "print the version")
    .helpCommand(true);
  program.addHelpText("after", "\nBegin here:\n  $ stigmer up\n  $ stigmer apply -f flow.yaml\n  $ stigmer run flow");
  const groups = new Map<string, Command>();
  for (const definition of params.context.commands) {
    const [first = "", second] = definition.name.split(" ");
    if (second === undefined) {
      addCommand(program, first, definition, params);
      continue;
    }
    const known = groups.get(first);
    const group = known ?? configure(program.command(first), params).description(GROUPS[first] ?? "");
    groups.set(first, group);
    addCommand(group, second, definition, params);
  }
  return program;
}

function addCommand(parent: Command, name: string, definition: CommandDefinition, params: BuildProgramParams): void {
  const command = configure(parent.command(name), params).description(definition.summary);
  for (const argument of definition.arguments ?? []) command.argument(argument.name, argument.description);
  for (const { flags, description, choices, isRepeatable } of definition.options ?? []) {
    const option = new Option(flags, description);
    if (choices) option.choices(choices);
    if (isRepeatable) option.argParser((value: string, previous: readonly string[] = []) => [...previous, value]);
    command.addOption(option);
  }
  if (definition.isRaw) command.allowUnknownOption().allowExcessArguments(true).argument("[words...]");
  command.addHelpText("after", `\nExamples:\n${definition.examples.map((line) => `  $ ${line}`).join("\n")}`);
  command.action(async () => {
    const { run } = await definition.load();
    const call = {
      args: command.args,
      options: commandOptions(command.opts<Record<string, unknown>>()),
      context: params.context,
    };
    params.onExitCode((await run(call)) ?? 0);
  });
}

function configure(command: Command, params: BuildProgramParams): Command {
  const { terminal } = params.context;
  return (
    command
      .exitOverride()
      // What the parser refuses is reported like every other error, by whoever runs it.
      .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError: () => {} })
      .showSuggestionAfterError(true)
      .allowExcessArguments(false)
  );
}
