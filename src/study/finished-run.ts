import { basename, join, resolve } from 'node:path';
import { writtenHash } from '../config/identity.js';
import { isMapping, type Mapping } from '../base/mapping.js';
import { UserError } from '../base/errors.js';
import { parseRunConfig, readConfigText, type RunConfig, type WrittenConfig } from './config-file.js';
import { sha256 } from '../results/files.js';
import { readMeta, type Meta } from '../results/meta-file.js';
import type { MetricsRow } from '../simulation/columns.js';
import { readMetrics, type Metrics } from '../results/metrics-file.js';
import { DamagedFile, readText } from '../results/reading.js';
import type { RunSummary } from '../results/run-folder.js';
import { readSummary } from '../results/summary-file.js';

/** A run that ended, done or early, all of whose files agree. */
export interface FinishedRun {
  summary: RunSummary;
  meta: Meta;
  /** As it stands in config.yaml; absent where it is known to the caller. */
  config?: RunConfig;
  metrics: Metrics;
}

/** The experiment that a run folder should be of. */
export interface KnownExperiment {
  identity: { hash: string };
  config: Schedule;
}

/** The part of a config that says when a run is evaluated. */
type Schedule = Pick<WrittenConfig, 'updates' | 'evaluate'>;

/** A run folder whose files are not whole or do not agree with each other: it does not count as finished. */
export class DamagedRun extends UserError {
  /** @param reason which file, and what is wrong with it */
  constructor(
    readonly folder: string,
    readonly reason: string,
  ) {
    super(`damaged run: ${folder}: ${reason}; byzsim run and byzsim sweep run it again`);
  }
}

/**
 * The run of a folder if it has ended. It has if it has a summary.json, and it counts if all of its files agree: they
 * are of one experiment and seed, and metrics.csv has every row that the config asks for (up to some row if the run
 * diverged), the last and the best one being those of the summary.
 *
 * @param known saves parsing the config where it is that of this experiment
 * @throws DamagedRun where they do not; LayoutError
 */
export function readFinishedRun(folder: string, known?: KnownExperiment): FinishedRun | undefined {
  try {
    const summary = readSummary(folder);
    if (!summary) return undefined;
    const meta = required('meta.json', readMeta(folder));
    const text = required('config.yaml', readConfigText(folder));
    const metrics = required('metrics.csv', readMetrics(folder));
    const sums = summary.files_sha256 ?? {};
    const isKnown = known?.identity.hash === summary.hash && sums['config.yaml'] === textSum(text);
    const config = isKnown ? undefined : parseRunConfig(folder, text);
    if (config) holdConfig(summary, meta, config);
    holdIdentity(folder, summary, meta);
    holdRows(summary, config ?? known!.config, metrics.rows);
    for (const [name, sum] of Object.entries(sums)) {
      if (name !== 'config.yaml' && textSum(required(name, readText(join(folder, name)))) !== sum)
        throw new Fault(`${name} is not as it was when the run ended`);
    }
    return { summary, meta, config, metrics };
  } catch (error) {
    if (error instanceof Fault) throw new DamagedRun(folder, error.message);
    if (error instanceof DamagedFile)
      throw new DamagedRun(folder, `${basename(error.file)}: ${error.reason}`);
    throw error;
  }
}

/** What is wrong with the files of a run. */
export class Fault extends Error {}

/** As when it was written: a checkout may change the ends of lines. */
function textSum(text: string): string {
  return sha256(text.replaceAll('\r\n', '\n'));
}

function required<T>(name: string, content: T | undefined): T {
  if (content === undefined) throw new Fault(`${name} is missing`);
  return content;
}

/** The config is that of the summary: all that its hash covers, the name and the seed. @throws Fault */
function holdConfig(summary: RunSummary, meta: Meta, config: RunConfig): void {
  if (config.seeds[0] !== summary.seed)
    throw new Fault(`config.yaml is of seed ${config.seeds[0]}, summary.json of seed ${summary.seed}`);
  if (config.name !== summary.name) throw new Fault('config.yaml and summary.json have different names');
  holdHash(summary.hash, meta, config, 'config.yaml is not the config of summary.json');
}

/** @throws Fault where a config has another hash, if it can be told */
export function holdHash(hash: string, meta: Meta, config: Mapping, fault: string): void {
  const dataset = isMapping(config.dataset) ? Object.values(meta.dataset_sha256 ?? {}) : [];
  const own = writtenHash(config, {
    dataset: dataset.length > 0 ? dataset : undefined,
    trace: meta.trace_sha256,
    links: meta.links_sha256,
    modules: meta.modules_sha256,
  });
  if (own !== undefined && own !== hash) throw new Fault(fault);
}

/** summary.json, meta.json and, where it is called so, the folder of a seed are of one run. @throws Fault */
function holdIdentity(folder: string, { hash, hash8, seed }: RunSummary, meta: Meta): void {
  if (meta.hash !== hash) throw new Fault('meta.json and summary.json are of different experiments');
  if (meta.seed !== seed) throw new Fault(`meta.json is of seed ${meta.seed}, summary.json of seed ${seed}`);
  if (hash8 !== hash.slice(0, 8))
    throw new Fault(`summary.json has two hashes, ${hash8} and ${hash.slice(0, 8)}`);
  const [, named] = /^seed-(\d+)$/.exec(basename(resolve(folder))) ?? [];
  if (named !== undefined && named !== String(seed)) throw new Fault(`its files are of seed ${seed}`);
}

/**
 * A run has a row at every evaluation, up to some row if it ended early; the summary has the last and the best of them.
 * @throws Fault
 */
export function holdRows(
  summary: Pick<RunSummary, 'status' | 'updates' | 'final' | 'best'>,
  { updates, evaluate: { every } }: Schedule,
  rows: readonly MetricsRow[],
): void {
  if (summary.updates !== updates)
    throw new Fault(`summary.json is of ${summary.updates} updates, config.yaml of ${updates}`);
  const evaluations = Math.ceil(updates / every);
  if (rows.length > evaluations || (rows.length < evaluations && summary.status === 'done'))
    throw new Fault(`metrics.csv has ${counted(rows.length)} (${evaluations} expected)`);
  const wrong = rows.findIndex(({ update }, k) => update !== Math.min((k + 1) * every, updates));
  if (wrong >= 0) {
    const expected = Math.min((wrong + 1) * every, updates);
    throw new Fault(`metrics.csv: line ${wrong + 2}: update ${rows[wrong].update} (${expected} expected)`);
  }
  if (!areSame(summary.final, rows.at(-1) ?? {}))
    throw new Fault('the last row of metrics.csv is not the final one of summary.json');
  const best = rows.length > 0 ? rows.find(({ update }) => update === summary.best.update) : {};
  if (!best || !areSame(summary.best, best))
    throw new Fault('metrics.csv lacks the best row of summary.json');
}

/** "1 row", "24 rows" */
export function counted(rows: number): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'}`;
}

/** JSON does not tell numbers apart that are not finite. */
function areSame(a: MetricsRow, b: MetricsRow): boolean {
  const isSame = (x: number | undefined, y: number | undefined) =>
    x === y || (x !== undefined && y !== undefined && !Number.isFinite(x) && !Number.isFinite(y));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((column) => isSame(a[column], b[column]));
}
