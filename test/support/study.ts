import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { axesOf, axis } from '../../src/config/axes.js';
import { writtenHash } from '../../src/config/identity.js';
import type { MetricsRow } from '../../src/simulation/columns.js';
import type { StudyRun } from '../../src/study/study-run.js';
import { schemaVersion } from '../../src/results/files.js';
import { RunFolder, takeRun, type RunSummary } from '../../src/results/run-folder.js';
import { columns } from './labels.js';

const columnNames = columns.map(({ name }) => name);

export interface RunOptions {
  rule?: string;
  weighted?: boolean;
  meta?: ({ rule: string } & Record<string, unknown>)[];
  attack?: string;
  lambda?: number;
  optimizer?: Record<string, unknown>;
  workers?: number;
  split?: unknown;
  seed?: number;
  hash?: string;
  /** Test accuracies at updates 10, 20, ... */
  accuracies?: number[];
  /** Default: as many as there are rows. */
  updates?: number;
  rows?: MetricsRow[];
}

function configOf({
  rule = 'cwmed',
  weighted = true,
  meta = [],
  attack = 'sign-flip',
  lambda = 0.4,
  optimizer = { name: 'sgd', learningRate: 0.1 },
  workers = 9,
  split,
  seed = 1,
}: RunOptions) {
  return {
    name: 'test',
    dataset: 'digits',
    ...(split !== undefined && { split }),
    workers,
    arrival: { process: 'exponential', speed: 'id' },
    // As in real configs: a parameter that only one attack has, and one that only one rule has.
    byzantine: { count: 4, lambda, attack: { attack, ...(attack === 'empire' && { factor: 0.1 }) } },
    aggregator: { rule, weighted, ...(rule === 'cwmed' && { tie: weighted ? 'upper' : 'lower' }), meta },
    optimizer,
    seeds: [seed],
  };
}

/** As a config would have it that leaves what it may to defaults. */
function givenBy(options: RunOptions): string[] {
  const ofMu2 = options.optimizer?.name === 'mu2-sgd' ? ['optimizer.beta', 'optimizer.gamma'] : [];
  const ofSplit = options.split === undefined ? [axis.split] : [];
  const defaults = [...ofSplit, 'aggregator.tie', 'byzantine.attack.factor', ...ofMu2, axis.hash];
  return [...axesOf(configOf(options), '').keys()].filter((path) => !defaults.includes(path));
}

function rowsOf({ accuracies = [0.1, 0.5, 0.9], rows, seed = 1 }: RunOptions): MetricsRow[] {
  return (
    rows ??
    accuracies.map((accuracy, k) => ({
      update: 10 * (k + 1),
      time: k + 1 + 0.1 * seed,
      epoch: 0.01 * (k + 1),
      train_loss: 2 - accuracy,
      test_loss: 2 - accuracy,
      test_accuracy: accuracy,
      byzantine_share: 0.4,
      staleness_mean: 8,
      staleness_max: undefined,
    }))
  );
}

function updatesOf(options: RunOptions): number {
  return options.updates ?? rowsOf(options).at(-1)!.update!;
}

function hashOf(options: RunOptions): string {
  const config = configOf({ ...options, seed: 0 });
  return options.hash ?? Buffer.from(JSON.stringify(config)).toString('hex');
}

function summaryOf(options: RunOptions, path: string, hash: string, diverged?: string): RunSummary {
  const last = rowsOf(options).at(-1)!;
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
  const rows = rowsOf(options);
  const hash = hashOf(options);
  return {
    path: '',
    hash,
    seed: options.seed ?? 1,
    axes: axesOf(configOf(options), hash),
    config: configOf(options),
    summary: summaryOf(options, '', hash),
    meta: { schema: schemaVersion, hash, seed: options.seed ?? 1, given: givenBy(options) },
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
  const meta = { name: 'test', hash, seed, given: givenBy(options) };
  const files = { columns: columnNames, configYaml: stringify(config), meta };
  const folder = new RunFolder(path, takeRun(path), files);
  for (const values of rowsOf(options)) folder.append({ values }, 1);
  folder.close(finished ? summaryOf(options, path, hash, diverged) : undefined);
  return hash;
}

/** A folder for one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-report-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
