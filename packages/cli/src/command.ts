import type { HomePaths } from "@stigmer/lifecycle";
import type { Terminal } from "./terminal.ts";

/** One option of a command, such as `-n, --namespace <name>`. */
export interface OptionDefinition {
  readonly flags: string;
  readonly description: string;
  /** Allowed values, for help, checks and completion. */
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly isRepeatable?: true;
}

/** One positional argument: `<name>` must be given, `[name]` may, `[names...]` takes the rest. */
export interface ArgumentDefinition {
  readonly name: string;
  readonly description: string;
}

/** A command of the command line; `load` brings in its code only when it runs. */
export interface CommandDefinition {
  /** One word, or two for a command of a group: `secret set`. */
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options?: readonly OptionDefinition[];
  /** The command reads its own words: all of them arrive as `args`. */
  readonly isRaw?: true;
  /** Whole command lines; the tests run them. */
  readonly examples: readonly string[];
  readonly load: () => Promise<{ readonly run: CommandHandler }>;
}

/** Runs a command; the number is the exit code, nothing means 0. */
export type CommandHandler = (call: CommandCall) => Promise<number | undefined>;

/** One call of a command. */
export interface CommandCall {
  readonly args: readonly string[];
  readonly options: CommandOptions;
  readonly context: CliContext;
}

/** The world of a command. */
export interface CliContext {
  /** Every command, for completion. */
  readonly commands: readonly CommandDefinition[];
  readonly env: NodeJS.ProcessEnv;
  readonly paths: HomePaths;
  readonly terminal: Terminal;
  /** Everything on standard input, as text. */
  readStdin(): Promise<string>;
  /** Aborts on the first Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** The options of a call, read by name with their kind. */
export interface CommandOptions {
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  isSet(name: string): boolean;
}

/** Wraps what the parser found; a flag that was not given is absent. */
export function commandOptions(values: Readonly<Record<string, unknown>>): CommandOptions {
  return {
    text(name) {
      const value = values[name];
      return typeof value === "string" ? value : undefined;
    },
    texts(name) {
      const value = values[name];
      if (Array.isArray(value)) return value.map(String);
      return typeof value === "string" ? [value] : [];
    },
    isSet: (name) => values[name] === true,
  };
}
