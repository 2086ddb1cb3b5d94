import { usageError } from "./cli-error.ts";
import type { CommandCall, OptionDefinition } from "./command.ts";

/** Formats of data. */
export const OUTPUT_FORMATS = ["table", "wide", "json", "jsonl", "yaml", "name"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The options that every command with data has. */
export const OUTPUT_OPTIONS: readonly OptionDefinition[] = [
  { flags: "-o, --output <format>", description: "format of the data", choices: OUTPUT_FORMATS },
  { flags: "--json", description: "same as -o json" },
];

/** A column of a table; `wide` columns show with `-o wide` only. */
export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string;
  readonly isWide?: true;
}

/** The format that a call asks for. */
export function outputFormat(call: CommandCall, fallback: OutputFormat = "table"): OutputFormat {
  if (call.options.isSet("json")) return "json";
  const named = call.options.text("output");
  if (named === undefined) return fallback;
  const format = OUTPUT_FORMATS.find((known) => known === named);
  if (!format) throw usageError(`Cannot print as "${named}": the formats are ${OUTPUT_FORMATS.join(", ")}`);
  return format;
}

export interface PrintRowsParams<T> {
  readonly call: CommandCall;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  /** The row as data. */
  readonly data: (row: T) => unknown;
  readonly name: (row: T) => string;
  /** Said on stderr when there are no rows. */
  readonly empty: string;
}

/** Prints a list in the format that the call asks for. */
export async function printRows<T>(params: PrintRowsParams<T>): Promise<void> {
  const { call, rows, columns } = params;
  const { terminal } = call.context;
  const format = outputFormat(call);
  switch (format) {
    case "json":
      return terminal.out(`${JSON.stringify(rows.map(params.data), undefined, 2)}\n`);
    case "jsonl":
      for (const row of rows) terminal.out(`${JSON.stringify(params.data(row))}\n`);
      return;
    case "yaml":
      return terminal.out(await toYaml(rows.map(params.data)));
    case "name":
      for (const row of rows) terminal.out(`${params.name(row)}\n`);
      return;
    case "table":
    case "wide": {
      if (rows.length === 0) return terminal.err(`${params.empty}\n`);
      const shown = columns.filter((column) => format === "wide" || !column.isWide);
      return terminal.out(renderTable(rows, shown));
    }
  }
}

/** Prints one row: a table of one line, or one object and no list. */
export async function printRow<T>(params: Omit<PrintRowsParams<T>, "rows" | "empty"> & { row: T }): Promise<void> {
  const { call, row } = params;
  const format = outputFormat(call);
  const isRow = format !== "json" && format !== "yaml";
  if (isRow) return printRows({ ...params, rows: [row], empty: "nothing" });
  await printObject(call, { data: params.data(row), name: params.name(row), text: "" });
}

/** Prints one object in the format that the call asks for; `text` is its form for people. */
export async function printObject(
  call: CommandCall,
  params: { data: unknown; name: string; text: string },
): Promise<void> {
  const { terminal } = call.context;
  switch (outputFormat(call)) {
    case "json":
      return terminal.out(`${JSON.stringify(params.data, undefined, 2)}\n`);
    case "jsonl":
      return terminal.out(`${JSON.stringify(params.data)}\n`);
    case "yaml":
      return terminal.out(await toYaml(params.data));
    case "name":
      return terminal.out(`${params.name}\n`);
    case "table":
    case "wide":
      return terminal.out(params.text.endsWith("\n") ? params.text : `${params.text}\n`);
  }
}

/** Columns side by side, two spaces between, no boxes. */
export function renderTable<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ value }) => value(row)))];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, at) => (at === line.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

async function toYaml(data: unknown): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(data);
}
