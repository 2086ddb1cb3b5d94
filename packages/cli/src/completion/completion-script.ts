import type { CommandDefinition } from "../command.ts";
import { GROUPS } from "../command-groups.ts";

/** Shells that a script exists for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that completes commands and options from the registry, without starting stigmer. */
export function completionScript(shell: Shell, commands: readonly CommandDefinition[]): string {
  switch (shell) {
    case "bash":
      return bashScript(commands);
    case "zsh":
      return `#compdef stigmer\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`;
    case "fish":
      return fishScript(commands);
  }
}

function firstWords(commands: readonly CommandDefinition[]): readonly string[] {
  return [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? name))];
}

function secondWords(commands: readonly CommandDefinition[], group: string): readonly string[] {
  return commands.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []));
}

function flagsOf(definition: CommandDefinition): readonly string[] {
  return (definition.options ?? []).flatMap(({ flags }) => flags.match(/--[a-z-]+/g) ?? []);
}

function bashScript(commands: readonly CommandDefinition[]): string {
  const cases = Object.keys(GROUPS).map(
    (group) => `    ${group}) words="${secondWords(commands, group).join(" ")}" ;;`,
  );
  const options = commands.map((definition) => `    "${definition.name}") words="${flagsOf(definition).join(" ")}" ;;`);
  return `_stigmer() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then words="${firstWords(commands).join(" ")}"
  elif [ "$COMP_CWORD" -eq 2 ] && [[ "$current" != -* ]]; then
    case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac
  fi
  if [[ "$current" == -* ]]; then
    for key in "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" "\${COMP_WORDS[1]}"; do
      [ -n "$words" ] && break
      case "$key" in
${options.join("\n")}
      esac
    done
  fi
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -F _stigmer stigmer
`;
}

function fishScript(commands: readonly CommandDefinition[]): string {
  const lines = commands.flatMap((definition) => {
    const [first = "", second] = definition.name.split(" ");
    const condition = second === undefined ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${first}`;
    const quoted = definition.summary.replaceAll("'", "\\'");
    const word = `complete -c stigmer -n '${condition}' -a '${second ?? first}' -d '${quoted}'`;
    const options = flagsOf(definition).map(
      (flag) => `complete -c stigmer -n '__fish_seen_subcommand_from ${second ?? first}' -l '${flag.slice(2)}'`,
    );
    return [word, ...options];
  });
  const groups = Object.entries(GROUPS).map(
    ([group, summary]) => `complete -c stigmer -n '__fish_use_subcommand' -a '${group}' -d '${summary}'`,
  );
  return `${[...groups, ...lines].join("\n")}\n`;
}
