import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from "../packages/cli/src/command.ts";
import { GROUPS } from "../packages/cli/src/command-groups.ts";
import { COMMANDS } from "../packages/cli/src/registry.ts";

const HEAD = `# Command line

This page is written by \`node tools/write-guide.ts\` from the table that the command line itself uses.

- **Output.** Standard output is data, standard error is talk. \`-o table|wide|json|jsonl|yaml|name\`, or \`--json\`. Colour and progress appear on a
  terminal only, and never with \`CI\`, \`NO_COLOR\` or \`TERM=dumb\`. Nothing ever asks a question: what would need one needs a flag.
- **Names.** \`name\`, \`namespace/name\`, for workflows also \`namespace/name:version\`; \`-n\` names the namespace. \`run\` finds a name that is unique over all
  namespaces.
- **Ctrl-C** while following detaches; the execution goes on. \`stigmer watch ID\` follows it again.
- **Errors** have three lines: what, where, what next. With \`--json\` they are one JSON object on standard error:
  \`{"error": {"reason", "message", "where", "next"}}\`; reasons stand in [errors.md](errors.md).
- **Home.** Every command works on one home: \`~/.stigmer\`, or the folder that \`STIGMER_HOME\` names.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | failed: an execution that faulted or was cancelled, a platform that is not healthy, a difference that \`diff\` found |
| 2 | wrong usage, or an invalid document |
| 3 | the server cannot be reached |
| 4 | not allowed |
| 5 | not found |
| 6 | too late |
| 130 | interrupted |
`;

/** The page about every command, from the registry of the command line. */
export function renderCliGuide(): string {
  return [HEAD, renderTable(COMMANDS), ...COMMANDS.map(renderCommand)].join("\n");
}

function renderTable(commands: readonly CommandDefinition[]): string {
  const rows = commands.map(({ name, summary }) => `| [\`${name}\`](#${anchorOf(name)}) | ${summary} |`);
  const groups = Object.entries(GROUPS).map(([name, about]) => `\`${name}\` (${about.toLowerCase()})`);
  return ["| command | does |", "| --- | --- |", ...rows, "", `Groups: ${groups.join(", ")}.`, ""].join("\n");
}

function anchorOf(name: string): string {
  return `stigmer-${name.replaceAll(" ", "-")}`;
}

function renderCommand(command: CommandDefinition): string {
  const places = (command.arguments ?? []).map(({ name }) => ` ${name}`).join("");
  const words = command.isRaw ? " [words...]" : places;
  return [
    `## stigmer ${command.name}`,
    "",
    `${command.summary}.`,
    "",
    "```text",
    `stigmer ${command.name}${(command.options ?? []).length > 0 ? " [options]" : ""}${words}`,
    "```",
    "",
    ...renderRows(command.arguments ?? [], command.options ?? []),
    "```text",
    ...command.examples.map((line) => `$ ${line}`),
    "```",
    "",
  ].join("\n");
}

function renderRows(places: readonly ArgumentDefinition[], options: readonly OptionDefinition[]): readonly string[] {
  const rows = [
    ...places.map(({ name, description }) => `| \`${name}\` | ${escapeCell(description)} |`),
    ...options.map((option) => `| \`${escapeCell(option.flags)}\` | ${escapeCell(describeOption(option))} |`),
  ];
  return rows.length === 0 ? [] : ["| argument | means |", "| --- | --- |", ...rows, ""];
}

function describeOption({ description, choices }: OptionDefinition): string {
  return choices === undefined ? description : `${description}: ${choices.join(", ")}`;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
