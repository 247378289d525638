import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Config } from '../config/config.js';
import { isMapping, type Mapping } from '../config/mapping.js';
import { writtenConfig } from '../config/resolved-yaml.js';
import { UserError } from '../errors.js';
import type { AxisValue } from './axes.js';
import { columns } from './columns.js';
import { makeFolder, schemaVersion, writeJson, writeWhole, type Cell } from './files.js';
import { readNumbers, type MetricsRow } from './metrics-file.js';
import type { RunSummary } from './run-folder.js';
import type { RunState } from './run-state.js';

/** What a study is made of: the part of a sweep that its files tell. */
export interface StudyPlan {
  name: string;
  /** Around all run folders; the files of the study lie there. */
  folder: string;
  /** Dotted paths, `seed` last. */
  axes: readonly string[];
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
  /** Why it failed. */
  message?: string;
  /** How it ended, if it did; `path` is that of the entry. */
  summary?: Omit<RunSummary, 'path'>;
  meta?: Mapping;
  /** How many lines of metrics.csv are this run's; they come in the order of the runs. */
  rows: number;
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

/** The tables of a study and its study.json, written whole whenever the state of a run changes. */
export class StudyFiles {
  private readonly ended = new Map<string, Ended>();

  constructor(private readonly plan: StudyPlan) {}

  /** @param states of the runs, by id */
  write(states: ReadonlyMap<string, RunState>): void {
    const { folder, name, axes, runs } = this.plan;
    const metrics: string[] = [csv([...axes, ...columns.map((column) => column.name)])];
    const table: string[] = [csv(['id', ...axes, 'status', ...summaryColumns, 'path'])];
    const entries = runs.map((run): StudyEntry => {
      const state = states.get(run.id)!;
      const cells = axes.map((axis) => cell(run.axes.get(axis)));
      const path = relative(folder, run.folder).replaceAll('\\', '/');
      const summary = 'summary' in state ? state.summary : undefined;
      const ended = summary && this.readEnded(run);
      const prefix = csv(cells).trimEnd();
      metrics.push(...(ended?.lines ?? []).map((line) => `${prefix},${line}\n`));
      table.push(csv([run.id, ...cells, state.status, ...summaryCells(summary), path]));
      return {
        id: run.id,
        path,
        slug: run.identity.slug,
        hash: run.identity.hash,
        seed: run.seed,
        axes: Object.fromEntries(run.axes),
        status: state.status,
        message: state.status === 'failed' ? state.message : undefined,
        summary: summary && withoutPath(summary),
        meta: ended?.meta,
        rows: ended?.lines.length ?? 0,
      };
    });
    const configs = Object.fromEntries(
      runs.map(({ identity, config }) => [identity.hash, { ...writtenConfig(config), seeds: undefined }]),
    );
    makeFolder(folder);
    writeWhole(join(folder, studyTables.runs), table.join(''));
    writeWhole(join(folder, studyTables.metrics), metrics.join(''));
    const study: StudyFile = { schema: schemaVersion, name, axes: [...axes], runs: entries, configs };
    writeJson(join(folder, studyTables.study), study);
  }

  /** Forgets what was read of a run, which has been run again. */
  refresh(id: string): void {
    this.ended.delete(id);
  }

  private readEnded({ id, folder }: StudyPlan['runs'][number]): Ended {
    let ended = this.ended.get(id);
    if (!ended) {
      ended = { lines: readLines(join(folder, 'metrics.csv')), meta: JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as Mapping };
      this.ended.set(id, ended);
    }
    return ended;
  }
}

function withoutPath({ path: _, ...summary }: RunSummary): Omit<RunSummary, 'path'> {
  return summary;
}

/** The rows of a run's metrics.csv as they stand there, in the order of the columns of this version. */
function readLines(file: string): string[] {
  const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = header.split(',');
  const places = columns.map(({ name }) => names.indexOf(name));
  return lines.map((line) => {
    const cells = line.split(',');
    return places.map((place) => cells[place] ?? '').join(',');
  });
}

/** The files of a study, in its folder. */
export const studyTables = { study: 'study.json', runs: 'runs.csv', metrics: 'metrics.csv' } as const;

/** What a run that ended left. */
interface Ended {
  lines: string[];
  meta: Mapping;
}

const summaryColumns = ['final', 'best'].flatMap((row) => columns.map(({ name }) => `${row}_${name}`));

function summaryCells(summary: RunSummary | undefined): Cell[] {
  return [summary?.final, summary?.best].flatMap((row) => columns.map(({ name }) => row?.[name] ?? undefined));
}

function cell(value: AxisValue): Cell {
  return typeof value === 'boolean' ? String(value) : value;
}

function csv(cells: readonly Cell[]): string {
  return stringify([cells.map((value) => (value === undefined ? '' : String(value)))]);
}

/**
 * The study.json of a folder, if it has one.
 * @throws UserError when it is unreadable or of another version of the layout
 */
export function readStudyFile(folder: string): StudyFile | undefined {
  const file = join(folder, studyTables.study);
  if (!existsSync(file)) return undefined;
  let study: unknown;
  try {
    study = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`unreadable ${file}: ${(error as Error).message}; byzsim sweep writes it anew`);
  }
  const schema = isMapping(study) ? study.schema : undefined;
  if (schema !== schemaVersion) {
    throw new UserError(
      `${folder} was written in layout ${String(schema)}, this byzsim reads ${schemaVersion}: ` +
        'leave it out, or run its sweep again into another folder',
    );
  }
  return study as StudyFile;
}

/**
 * The rows of each run of a study, by id, from its metrics.csv.
 * @throws UserError when the table is not the one that study.json is about
 */
export function readStudyMetrics(folder: string, { axes, runs }: StudyFile): Map<string, MetricsRow[]> {
  const file = join(folder, studyTables.metrics);
  const wrong = (reason: string) =>
    new UserError(`unreadable ${file}: ${reason}; byzsim sweep writes it anew from the run folders`);
  if (!existsSync(file)) throw new UserError(`missing ${file}: it holds the rows of ${join(folder, studyTables.study)}`);
  const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = header.split(',').slice(axes.length);
  const expected = runs.reduce((sum, { rows }) => sum + rows, 0);
  if (lines.length !== expected) throw wrong(`${lines.length} rows (${expected} expected)`);
  let first = 0;
  return new Map(
    runs.map(({ id, rows }) => {
      const own = lines.slice(first, first + rows).map((line, k) => {
        // Labels of axes may hold commas; numbers, which are last, have none.
        const cells = line.split(',').slice(-names.length);
        return readNumbers(names, cells, (what) => wrong(`line ${first + k + 2}: ${what}`));
      });
      first += rows;
      return [id, own];
    }),
  );
}
