/** Columns two spaces apart: the first to the left, the others to the right. */
export function numberTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k]))).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}
