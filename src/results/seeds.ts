import { spread, type Spread } from '../base/statistics/spread.js';
import type { RunSummary } from './run-folder.js';
import { schemaVersion } from './files.js';

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

/** Needs at least one run. Runs that ended early count with the rows they have. */
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
