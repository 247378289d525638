import type { RunSummary } from './run-folder.js';
import { schemaVersion } from './files.js';

/** Mean and sample deviation (n - 1) over seeds; the deviation of one seed is undefined. */
export interface Spread {
  mean: number;
  deviation: number | undefined;
  seeds: number;
}

/** Summary over the seeds of one config: for every column of the final and the best rows, its spread. */
export interface SeedsSummary {
  schema: number;
  name: string;
  slug: string;
  hash: string;
  seeds: number[];
  final: Record<string, Spread>;
  best: Record<string, Spread>;
}

/** Needs at least one run. Runs that diverged count with the rows they have. */
export function summarizeSeeds(runs: readonly RunSummary[]): SeedsSummary {
  const { name, slug, hash } = runs[0];
  return {
    schema: schemaVersion,
    name,
    slug,
    hash,
    seeds: runs.map(({ seed }) => seed),
    final: spreads(runs.map(({ final }) => final)),
    best: spreads(runs.map(({ best }) => best)),
  };
}

function spreads(rows: readonly Record<string, number | undefined>[]): Record<string, Spread> {
  const columns = Object.keys(rows[0] ?? {});
  const result: Record<string, Spread> = {};
  for (const column of columns) {
    const values = rows.map((row) => row[column]).filter((value): value is number => Number.isFinite(value));
    if (values.length > 0) result[column] = spread(values);
  }
  return result;
}

/** Mean and sample deviation of at least one value. Equal values have that very mean, and no deviation. */
export function spread(values: readonly number[]): Spread {
  const [origin] = values;
  const mean = origin + values.reduce((sum, value) => sum + (value - origin), 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : undefined;
  return { mean, deviation, seeds: values.length };
}
