import { styleText } from "node:util";

/** What the output goes to, and what that allows. */
export interface Terminal {
  /** Data. */
  out(text: string): void;
  /** Talk: progress, hints, errors. */
  err(text: string): void;
  /** True where stdout is a terminal that takes colours and repainting. */
  readonly isInteractive: boolean;
  /** True where stderr is one. */
  readonly isTalkInteractive: boolean;
  readonly columns: number;
  /** Text for standard output in a style, plain where that is no terminal. */
  styleData(style: TerminalStyle, text: string): string;
  /** Text for standard error in a style, plain where that is no terminal. */
  style(style: TerminalStyle, text: string): string;
}

/** How a piece of text stands out. */
export type TerminalStyle = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

/** The terminal of this process; plain with CI, NO_COLOR or TERM=dumb. */
export function createTerminal(env: NodeJS.ProcessEnv): Terminal {
  const isPlain = Boolean(env.CI) || Boolean(env.NO_COLOR) || env.TERM === "dumb";
  const isInteractive = process.stdout.isTTY === true && !isPlain;
  const isTalkInteractive = process.stderr.isTTY === true && !isPlain;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isInteractive,
    isTalkInteractive,
    columns: process.stdout.columns ?? 100,
    styleData: (style, text) => (isInteractive ? styleText(style, text, { validateStream: false }) : text),
    style: (style, text) => (isTalkInteractive ? styleText(style, text, { validateStream: false }) : text),
  };
}
