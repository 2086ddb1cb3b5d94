/** Exit codes of the command line. */
export const CLI_EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  unreachable: 3,
  notAllowed: 4,
  notFound: 5,
  timeout: 6,
  interrupted: 130,
} as const;

/** An error for a person: what went wrong, where, and the next command. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;
  /** Such as `flow.yaml:3:5`; absent where there is no place. */
  readonly where: string | undefined;
  /** One command or one edit. */
  readonly next: string | undefined;
  /** UPPER_SNAKE word. */
  readonly reason: string;

  constructor(params: {
    readonly reason: string;
    readonly message: string;
    readonly where?: string | undefined;
    readonly next?: string | undefined;
    readonly exitCode?: number;
    readonly cause?: unknown;
  }) {
    super(params.message, { cause: params.cause });
    this.reason = params.reason;
    this.where = params.where;
    this.next = params.next;
    this.exitCode = params.exitCode ?? CLI_EXIT.failure;
  }
}

/** An error of usage: exit code 2. */
export function usageError(message: string, next?: string): CliError {
  return new CliError({ reason: "USAGE", message, next, exitCode: CLI_EXIT.usage });
}
