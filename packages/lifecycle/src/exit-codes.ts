/** Exit codes of components: whether a restart can help. */
export const EXIT = {
  ok: 0,
  /** A restart helps. */
  unexpected: 1,
  /** Input or output failed, such as a full disk. */
  io: 74,
  /** A restart may help later, such as a port in use. */
  temporary: 75,
  /** A restart cannot help: the configuration is wrong. */
  configuration: 78,
} as const;

/** A component cannot go on; its process ends with `exitCode` (one of EXIT). */
export class ComponentFailure extends Error {
  readonly exitCode: number;
  /** Permanent UPPER_SNAKE word. */
  readonly reason: string;
  /** One command or one edit that helps. */
  readonly hint: string | undefined;

  constructor(params: {
    readonly reason: string;
    readonly message: string;
    readonly exitCode: number;
    readonly hint?: string;
    readonly cause?: unknown;
  }) {
    super(params.message, { cause: params.cause });
    this.name = "ComponentFailure";
    this.reason = params.reason;
    this.exitCode = params.exitCode;
    this.hint = params.hint;
  }
}
