import type { Terminal } from "../terminal.ts";

/** A finding in a document, as every source of findings has it. */
export interface PrintableFinding {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** One line per finding, `file:line:column: severity: message [code]`, and its suggestion below. */
export function printFindings(terminal: Terminal, fileName: string, findings: readonly PrintableFinding[]): void {
  for (const { code, severity, line, column, message, suggestion } of findings) {
    const place = line === undefined ? fileName : `${fileName}:${line}:${column ?? 1}`;
    const word = terminal.style(severity === "error" ? "red" : "yellow", severity);
    terminal.err(`${place}: ${word}: ${message} [${code}]\n`);
    if (suggestion !== undefined && suggestion !== "") terminal.err(`  ${suggestion}\n`);
  }
}
