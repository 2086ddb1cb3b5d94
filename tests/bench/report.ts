/** One line of the table. `ratio` is ours divided by the peer's, or what the target compares. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly peer?: string;
  readonly ratio?: number;
  /** In words, such as `≤ 0.6 × Restate`. */
  readonly target: string;
  readonly holds: boolean;
}

/** The table as Markdown, for the terminal and for the README alike. */
export function renderRows(rows: readonly Row[]): string {
  const head = ["what", "ours", "peer", "ratio", "target", ""];
  const lines = rows.map((row) => [
    row.what,
    row.ours,
    row.peer ?? "",
    row.ratio === undefined ? "" : row.ratio.toFixed(2),
    row.target,
    row.holds ? "holds" : "MISSED",
  ]);
  const all = [head, head.map(() => "---"), ...lines];
  return all.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** `1.2 ms`, `340 ms`, `2.1 s`. */
export function ms(value: number): string {
  if (value < 10) return `${value.toFixed(2)} ms`;
  return value < 1_000 ? `${value.toFixed(0)} ms` : `${(value / 1_000).toFixed(2)} s`;
}

/** Megabytes of 10^6 bytes. */
export function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
