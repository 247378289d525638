import { join, relative } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Config } from '../config/config.js';
import { type Mapping } from '../base/mapping.js';
import { writtenConfig } from '../config/resolved-yaml.js';
import type { AxisValue } from '../config/axes.js';
import { makeFolder, schemaVersion, sha256, type CsvCell, writeJson, writeWhole } from '../results/files.js';
import type { RunSummary } from '../results/run-folder.js';
import { isOver, type RunState } from './run-state.js';
import type { Meta } from '../results/meta-file.js';
import type { Metrics } from '../results/metrics-file.js';
import { takeLockWhenFree } from '../results/lock/watch.js';

/** What a study is made of: the part of a sweep that its files tell. */
export interface StudyPlan {
  name: string;
  /** Around all run folders; the files of the study lie there. */
  folder: string;
  /** Dotted paths, `seed` last. */
  axes: readonly string[];
  /** Of metrics.csv: those of the runs' modes. */
  columns: readonly string[];
  runs: readonly {
    id: string;
    axes: ReadonlyMap<string, AxisValue>;
    config: Config;
    identity: { slug: string; hash: string };
    seed: number;
    folder: string;
  }[];
}

/** A run as study.json has it. */
export interface StudyEntry {
  id: string;
  /** The run folder, relative to the study's. */
  path: string;
  slug: string;
  hash: string;
  seed: number;
  axes: Record<string, AxisValue>;
  status: RunState['status'];
  /** Why it failed, or does not count. */
  message?: string;
  /** How it ended, if it did; `path` is that of the entry. */
  summary?: Omit<RunSummary, 'path'>;
  meta?: Meta;
  /** How many lines of metrics.csv are this run's; they come in the order of the runs. */
  rows: number;
  /** Of these lines, see `linesSum`. */
  rows_sha256?: string;
}

/**
 * study.json: all that metrics.csv does not hold, so that these two are a study without run folders. Wall-clock figures
 * are here and not in the tables, which are the same bytes every time.
 */
export interface StudyFile {
  schema: number;
  name: string;
  axes: string[];
  runs: StudyEntry[];
  /** Resolved configs, by hash. */
  configs: Record<string, Mapping>;
}

/**
 * Writes the tables of a study and its study.json, one process at a time. What has no result by `states` is looked up
 * first, and updated there: another process may be at the same study, and nothing that it has written may be undone.
 *
 * @param states of the runs, by id
 * @param stateOf how a run stands now
 */
export async function writeStudy<Run extends StudyPlan['runs'][number]>(
  plan: StudyPlan & { runs: readonly Run[] },
  states: Map<string, RunState>,
  stateOf: (run: Run) => RunState,
): Promise<void> {
  const { folder, runs } = plan;
  makeFolder(folder);
  const lock = await takeLockWhenFree(join(folder, 'writing.json'), folder);
  try {
    for (const run of runs) if (!isOver(states.get(run.id)!)) states.set(run.id, stateOf(run));
    writeTables(plan, states);
  } finally {
    lock.release();
  }
}

function writeTables(plan: StudyPlan, states: ReadonlyMap<string, RunState>): void {
  const { folder, name, axes, columns, runs } = plan;
  const metrics: string[] = [csv([...axes, ...columns])];
  const summaryColumns = ['final', 'best'].flatMap((row) => columns.map((column) => `${row}_${column}`));
  const table: string[] = [csv(['id', ...axes, 'status', ...summaryColumns, 'path'])];
  const entries = runs.map((run): StudyEntry => {
    const state = states.get(run.id)!;
    const cells = axes.map((axis) => cell(run.axes.get(axis)));
    const path = relative(folder, run.folder).replaceAll('\\', '/');
    const ended = 'summary' in state ? state : undefined;
    // What is under way has no result, and may have none when this is read.
    const status = state.status === 'running' ? 'missing' : state.status;
    const lines = ended ? linesIn(columns, ended.metrics) : [];
    const prefix = axesPrefix(axes.map((axis) => run.axes.get(axis)));
    metrics.push(...lines.map((line) => `${prefix}${line}\n`));
    table.push(csv([run.id, ...cells, status, ...summaryCells(columns, ended?.summary), path]));
    return {
      id: run.id,
      path,
      slug: run.identity.slug,
      hash: run.identity.hash,
      seed: run.seed,
      axes: Object.fromEntries(run.axes),
      status,
      message: 'message' in state ? state.message : undefined,
      summary: ended && withoutPath(ended.summary),
      meta: ended?.meta,
      rows: lines.length,
      rows_sha256: ended && linesSum(lines),
    };
  });
  const configs = Object.fromEntries(
    runs.map(({ identity, config }) => [identity.hash, { ...writtenConfig(config), seeds: undefined }]),
  );
  writeWhole(join(folder, studyTables.runs), table.join(''));
  writeWhole(join(folder, studyTables.metrics), metrics.join(''));
  const study: StudyFile = { schema: schemaVersion, name, axes: [...axes], runs: entries, configs };
  writeJson(join(folder, studyTables.study), study);
}

/** What the lines of a run begin with in the study's metrics.csv: its values of the axes, and a comma. */
export function axesPrefix(values: readonly AxisValue[]): string {
  return `${csv(values.map(cell)).slice(0, -1)},`;
}

/** SHA-256 of the lines of a run, without what they begin with, in hex. */
export function linesSum(lines: readonly string[]): string {
  return sha256(lines.join('\n'));
}

function withoutPath({ path: _, ...summary }: RunSummary): Omit<RunSummary, 'path'> {
  return summary;
}

/** The files of a study, in its folder. */
export const studyTables = { study: 'study.json', runs: 'runs.csv', metrics: 'metrics.csv' } as const;

function summaryCells(columns: readonly string[], summary: RunSummary | undefined): CsvCell[] {
  const finite = (value: number | undefined) => (Number.isFinite(value) ? value : undefined);
  return [summary?.final, summary?.best].flatMap((row) => columns.map((column) => finite(row?.[column])));
}

/** The lines of a run's metrics.csv in the columns of its study; empty cells where the run's mode has no such column. */
function linesIn(columns: readonly string[], { columns: own, lines }: Metrics): readonly string[] {
  if (own.join() === columns.join()) return lines;
  const places = columns.map((column) => own.indexOf(column));
  return lines.map((line) => {
    const cells = line.split(',');
    return places.map((place) => cells[place] ?? '').join(',');
  });
}

function cell(value: AxisValue): CsvCell {
  return typeof value === 'boolean' ? String(value) : value;
}

function csv(cells: readonly CsvCell[]): string {
  return stringify([cells.map((value) => (value === undefined ? '' : String(value)))]);
}
