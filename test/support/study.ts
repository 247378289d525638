import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { writtenHash } from '../../src/config/identity.js';
import { axesOf } from '../../src/results/axes.js';
import type { MetricsRow } from '../../src/results/metrics-file.js';
import type { StudyRun } from '../../src/results/study.js';
import { schemaVersion } from '../../src/results/files.js';
import { metrics, RunFolder, type RunSummary } from '../../src/results/run-folder.js';
import type { Row } from '../../src/simulation/tally.js';

export interface RunOptions {
  rule?: string;
  weighted?: boolean;
  meta?: { rule: string }[];
  attack?: string;
  lambda?: number;
  optimizer?: Record<string, unknown>;
  workers?: number;
  seed?: number;
  hash?: string;
  /** Test accuracies at updates 10, 20, ... */
  accuracies?: number[];
  /** Default: as many as there are rows. */
  updates?: number;
  rows?: Row[];
}

function configOf({
  rule = 'cwmed',
  weighted = true,
  meta = [],
  attack = 'sign-flip',
  lambda = 0.4,
  optimizer = { name: 'sgd', learningRate: 0.1 },
  workers = 9,
  seed = 1,
}: RunOptions) {
  return {
    name: 'test',
    dataset: { name: 'digits' },
    workers,
    arrival: { process: 'exponential', speed: 'id' },
    // As in real configs: a parameter that only one attack has, and one that only one rule has.
    byzantine: { count: 4, lambda, attack: { attack, ...(attack === 'empire' && { factor: 0.1 }) } },
    aggregator: { rule, weighted, ...(rule === 'cwmed' && { tie: weighted ? 'upper' : 'lower' }), meta },
    optimizer,
    seeds: [seed],
  };
}

function rowsOf({ accuracies = [0.1, 0.5, 0.9], rows, seed = 1 }: RunOptions): Row[] {
  return (
    rows ??
    accuracies.map((testAccuracy, k) => ({
      update: 10 * (k + 1),
      time: k + 1 + 0.1 * seed,
      epoch: 0.01 * (k + 1),
      trainLoss: 2 - testAccuracy,
      testLoss: 2 - testAccuracy,
      testAccuracy,
      byzantineShare: 0.4,
      stalenessMean: 8,
      stalenessMax: undefined,
    }))
  );
}

function updatesOf(options: RunOptions): number {
  return options.updates ?? rowsOf(options).at(-1)!.update;
}

function hashOf(options: RunOptions): string {
  const config = configOf({ ...options, seed: 0 });
  return options.hash ?? Buffer.from(JSON.stringify(config)).toString('hex');
}

function summaryOf(options: RunOptions, path: string, hash: string, diverged?: string): RunSummary {
  const last = metrics(rowsOf(options).at(-1)!);
  return {
    schema: schemaVersion,
    status: diverged === undefined ? 'done' : 'diverged',
    message: diverged,
    name: 'test',
    slug: 'test',
    hash,
    hash8: hash.slice(0, 8),
    seed: options.seed ?? 1,
    final: last,
    best: last,
    updates: updatesOf(options),
    wall_seconds: 1,
    backend: 'cpu',
    path,
  };
}

/** A run as if it had been read from a folder. */
export function run(options: RunOptions = {}): StudyRun {
  const rows = rowsOf(options).map(metrics) as MetricsRow[];
  const hash = hashOf(options);
  return {
    path: '',
    hash,
    seed: options.seed ?? 1,
    axes: axesOf(configOf(options), hash),
    config: configOf(options),
    summary: summaryOf(options, '', hash),
    meta: { schema: schemaVersion, seed: options.seed ?? 1 },
    columns: Object.keys(rows[0]),
    rows,
  };
}

/** Writes a run folder with the program's own writer. Returns the hash of its experiment. */
export function writeRun(
  path: string,
  options: Omit<RunOptions, 'hash'> & { finished?: boolean; diverged?: string; thresholds?: object } = {},
): string {
  const { finished = true, diverged, seed = 1, thresholds } = options;
  const config = { ...configOf(options), updates: updatesOf(options), evaluate: { every: 10 }, thresholds };
  const hash = writtenHash(config, {})!;
  const folder = new RunFolder(path, stringify(config), { name: 'test', hash, seed });
  for (const row of rowsOf(options)) folder.append(row, 1);
  folder.close(finished ? summaryOf(options, path, hash, diverged) : undefined);
  return hash;
}

/** A folder for one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-report-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
