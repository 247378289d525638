/** Columns two spaces apart: the first to the left, the others to the right. */
export function numberTable(rows: readonly (readonly string[])[]): string {
  return table(rows, (cell, width, column) => (column === 0 ? cell.padEnd(width) : cell.padStart(width)));
}

/** Columns two spaces apart, all to the left. */
export function textTable(rows: readonly (readonly string[])[]): string {
  return table(rows, (cell, width) => cell.padEnd(width));
}

function table(
  rows: readonly (readonly string[])[],
  pad: (cell: string, width: number, column: number) => string,
): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => pad(cell, widths[column], column))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
