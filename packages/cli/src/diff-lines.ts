/** One line of a difference. */
export interface DiffLine {
  readonly mark: " " | "+" | "-";
  readonly text: string;
}

/** The shortest difference of two lists of lines (longest common subsequence); for documents, not for large files. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const lengths = commonLengths(before, after);
  const lines: DiffLine[] = [];
  let left = 0;
  let right = 0;
  while (left < before.length || right < after.length) {
    const old = before[left];
    const fresh = after[right];
    if (old !== undefined && old === fresh) {
      lines.push({ mark: " ", text: old });
      left++;
      right++;
    } else if (
      fresh === undefined ||
      (old !== undefined && at(lengths, left + 1, right) >= at(lengths, left, right + 1))
    ) {
      lines.push({ mark: "-", text: old ?? "" });
      left++;
    } else {
      lines.push({ mark: "+", text: fresh });
      right++;
    }
  }
  return lines;
}

/** `lengths[i][j]`: length of the longest common subsequence from line i and line j on. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = rows[i];
      if (!row) continue;
      row[j] = before[i] === after[j] ? at(rows, i + 1, j + 1) + 1 : Math.max(at(rows, i + 1, j), at(rows, i, j + 1));
    }
  }
  return rows;
}

function at(rows: readonly Uint32Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
