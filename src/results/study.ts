import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isMapping, type Mapping } from '../config/mapping.js';
import { UserError } from '../errors.js';
import { schemaVersion } from './files.js';
import { readSummary, type RunSummary } from './run-folder.js';
import { axesOf, type Axes } from './axes.js';
import { readMetrics, type MetricsRow } from './metrics-file.js';

/** A finished run as figures see it. */
export interface StudyRun {
  path: string;
  /** Of the experiment: equal for runs that differ only in their seed. */
  hash: string;
  seed: number;
  axes: Axes;
  /** Resolved, as it stands in config.yaml. */
  config: Mapping;
  /** How it ended. */
  summary: RunSummary;
  /** meta.json: versions, engine, commit, checksums, command line. */
  meta: Mapping;
  columns: readonly string[];
  rows: readonly MetricsRow[];
}

export interface Study {
  /** In the order of their paths. */
  runs: StudyRun[];
  /** What was left out, and what to know about the rest; a sentence each. */
  notes: string[];
  /** Folders of runs that were begun and have not ended; each has its note. */
  unfinished: string[];
}

/**
 * Reads the finished runs in and below some folders: runs, experiments, studies in any mixture. A run that is found
 * twice counts once.
 *
 * @throws UserError where there is nothing, or a folder of another version of the layout
 */
export function readStudy(paths: readonly string[]): Study {
  const notes: string[] = [];
  const unfinished: string[] = [];
  const runs = new Map<string, StudyRun>();
  const folders = paths.flatMap((path) => runFolders(path, notes));
  for (const folder of new Map(folders.map((path) => [realpathSync(path), path])).values()) {
    const run = readRun(folder, notes);
    if (!run) {
      unfinished.push(folder);
      continue;
    }
    const key = `${run.hash} ${run.seed}`;
    const twin = runs.get(key);
    if (twin) notes.push(`left out ${folder}: the same run as ${twin.path}`);
    else runs.set(key, run);
  }
  if (runs.size === 0) {
    const reasons = notes.slice(0, 3).map((note) => `\n  ${note}`);
    throw new UserError(
      `missing runs: no finished run in ${paths.join(', ')} (byzsim run FILE makes one)${reasons.join('')}`,
    );
  }
  return { runs: [...runs.values()], notes, unfinished };
}

/** The run folders in and below a path, in alphabetical order; refuses folders of another layout. */
function runFolders(path: string, notes: string[]): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UserError(`missing results: ${path}`);
  if (!stats.isDirectory()) {
    notes.push(`left out ${path}: not a folder`);
    return [];
  }
  return walk(path);
}

function walk(folder: string): string[] {
  checkLayout(folder);
  if (existsSync(join(folder, 'meta.json')) && existsSync(join(folder, 'metrics.csv'))) return [folder];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort()
    .flatMap(walk);
}

function checkLayout(folder: string): void {
  for (const name of ['meta.json', 'summary.json']) {
    const file = join(folder, name);
    if (!existsSync(file)) continue;
    const schema = readMapping(file, JSON.parse).schema;
    if (schema !== schemaVersion) {
      throw new UserError(
        `${folder} was written in layout ${String(schema)}, this byzsim reads ${schemaVersion}: ` +
          'leave it out, or run its config again into another folder',
      );
    }
  }
}

/** Nothing for a run that has not ended. */
function readRun(folder: string, notes: string[]): StudyRun | undefined {
  const summary = readSummary(folder);
  if (!summary) {
    notes.push(`left out ${folder}: not finished`);
    return undefined;
  }
  const { hash, seed, status, message } = summary;
  if (status === 'diverged') notes.push(`${folder}: ${message ?? 'it diverged'}; its rows end there`);
  const config = readMapping(join(folder, 'config.yaml'), parse);
  return {
    path: folder,
    hash,
    seed,
    axes: axesOf(config, hash),
    config,
    summary,
    meta: readMapping(join(folder, 'meta.json'), JSON.parse),
    ...readMetrics(join(folder, 'metrics.csv')),
  };
}

function readMapping(file: string, read: (text: string) => unknown): Mapping {
  let value: unknown;
  try {
    value = read(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`unreadable ${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  if (!isMapping(value)) throw new UserError(`unreadable ${file}: it is no mapping`);
  return value;
}
