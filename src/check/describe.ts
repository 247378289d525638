import { nameOf, scopeOf, type CellResult, type ThresholdResult } from './evaluate.js';

/** Numbers to 4 significant digits. */
export function digits(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** "p = 0.013", "p < 0.0001" */
export function describeP(p: number): string {
  return p < 1e-4 ? 'p < 0.0001' : `p = ${Number(p.toPrecision(2))}`;
}

/** Thresholds about the same cells, under "where attack = sign-flip". */
export interface ResultGroup {
  /** Empty: all cells. */
  scope: string;
  results: ThresholdResult[];
}

/** Results by what they are about, in order. */
export function groupResults(results: readonly ThresholdResult[]): ResultGroup[] {
  const groups: ResultGroup[] = [];
  for (const result of results) {
    const scope = scopeOf(result.threshold);
    const last = groups.at(-1);
    if (last?.scope === scope) last.results.push(result);
    else groups.push({ scope, results: [result] });
  }
  return groups;
}

/** One line: the threshold, the worst cell's value and margin, which it is, how many seeds and cells. */
export function describeResult({ threshold, cells }: ThresholdResult): string {
  const [worst] = cells;
  const which = cells.length > 1 ? `worst of ${cells.length} cells` : '1 cell';
  return `${nameOf(threshold)}: ${describeValue(worst)} (${describeCell(worst)}; ${which})`;
}

/** "0.9612, margin -0.0038", "difference 0.1394 ± 0.021, p = 0.004", "…, one-sided p = 0.04", "seed 2 ended early: …" */
export function describeValue({ value, margin, welch, problem }: CellResult): string {
  if (value === undefined) return problem!;
  if (welch) {
    const sided = welch.sided === 1 ? 'one-sided ' : '';
    return `difference ${digits(value)} ± ${digits(welch.error)}, ${sided}${describeP(welch.p)}`;
  }
  return `${digits(value)}, margin ${digits(margin!)}`;
}

/** "CWMed, sign-flip; 3 seeds", "…; 3 and 2 seeds" where it was compared. */
export function describeCell({ cell, counterpart }: CellResult): string {
  const [own, other] = [cell.runs.length, counterpart?.runs.length ?? cell.runs.length];
  const count = own === other ? `${own}` : `${own} and ${other}`;
  return `${cell.label}; ${count} ${own === 1 && other === 1 ? 'seed' : 'seeds'}`;
}
