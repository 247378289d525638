import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isMapping, type Mapping } from '../config/mapping.js';
import { UserError } from '../errors.js';
import { schemaVersion } from './files.js';
import { readSummary, type RunSummary } from './run-folder.js';
import { axesOf, type Axes } from './axes.js';
import { readMetrics, type MetricsRow } from './metrics-file.js';
import { readStudyFile, readStudyMetrics, studyTables, type StudyEntry } from './study-file.js';

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
  /** Folders of the other runs that a sweep is about and that have not ended: failed, or not begun. */
  missing: string[];
}

/**
 * Reads the finished runs in and below some folders: runs, experiments, studies in any mixture. A run that is found
 * twice counts once. Of a study whose run folders are not there, its study.json and metrics.csv tell.
 *
 * @throws UserError where there is nothing, or a folder of another version of the layout
 */
export function readStudy(paths: readonly string[]): Study {
  const notes: string[] = [];
  const unfinished: string[] = [];
  const runs = new Map<string, StudyRun>();
  const missing: string[] = [];
  const found = paths.map((path) => find(path, notes));
  for (const folder of distinct(found.flatMap(({ runs }) => runs))) {
    const run = readRun(folder, notes);
    if (!run) {
      unfinished.push(folder);
      continue;
    }
    const key = keyOf(run);
    const twin = runs.get(key);
    if (twin) notes.push(`left out ${folder}: the same run as ${twin.path}`);
    else runs.set(key, run);
  }
  for (const folder of distinct(found.flatMap(({ studies }) => studies))) {
    const planned = readPlanned(folder, (entry) => runs.has(keyOf(entry)), unfinished, notes);
    for (const run of planned.runs) runs.set(keyOf(run), run);
    missing.push(...planned.missing);
  }
  if (runs.size === 0) {
    const reasons = notes.slice(0, 3).map((note) => `\n  ${note}`);
    throw new UserError(
      `missing runs: no finished run in ${paths.join(', ')} (byzsim run FILE makes one)${reasons.join('')}`,
    );
  }
  return { runs: [...runs.values()], notes, unfinished, missing };
}

/** Tells runs apart wherever they lie. */
function keyOf({ hash, seed }: { hash: string; seed: number }): string {
  return `${hash} ${seed}`;
}

/** Each folder once, by whatever path. */
function distinct(folders: readonly string[]): Iterable<string> {
  return new Map(folders.map((path) => [realpathSync(path), path])).values();
}

/** Folders of runs, and folders that have a study.json, in alphabetical order. */
interface Found {
  runs: string[];
  studies: string[];
}

/** What is in and below a path; refuses folders of another layout. */
function find(path: string, notes: string[]): Found {
  const found: Found = { runs: [], studies: [] };
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UserError(`missing results: ${path}`);
  if (stats.isDirectory()) walk(path, found);
  else notes.push(`left out ${path}: not a folder`);
  return found;
}

function walk(folder: string, found: Found): void {
  checkLayout(folder);
  if (existsSync(join(folder, 'meta.json')) && existsSync(join(folder, 'metrics.csv'))) {
    found.runs.push(folder);
    return;
  }
  if (existsSync(join(folder, studyTables.study))) found.studies.push(folder);
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const name of below.map(({ name }) => name).sort()) walk(join(folder, name), found);
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

/**
 * The runs of a study that ended and have no run folder. Where both tell of a run, its folder is right: it may have been
 * run again since.
 *
 * @param known whether a run has been read from its folder
 */
function readPlanned(
  folder: string,
  known: (entry: StudyEntry) => boolean,
  unfinished: readonly string[],
  notes: string[],
): { runs: StudyRun[]; missing: string[] } {
  const study = readStudyFile(folder)!;
  const isBegun = ({ path }: StudyEntry) => unfinished.includes(join(folder, path));
  const others = study.runs.filter((entry) => !known(entry));
  const ended = others.filter((entry) => entry.summary && !isBegun(entry));
  const rows = ended.length > 0 ? readStudyMetrics(folder, study) : undefined;
  const runs = ended.map((entry) => {
    const path = join(folder, entry.path);
    const { hash, seed, status, message } = entry.summary!;
    if (status === 'diverged') notes.push(`${path}: ${message ?? 'it diverged'}; its rows end there`);
    const config = { ...study.configs[hash], seeds: [seed] };
    const own = rows!.get(entry.id)!;
    return {
      path,
      hash,
      seed,
      axes: axesOf(config, hash),
      config,
      summary: { ...entry.summary!, path },
      meta: entry.meta ?? {},
      columns: Object.keys(own[0] ?? {}),
      rows: own,
    };
  });
  const lacking = others.filter((entry) => !ended.includes(entry));
  if (lacking.length > 0) notes.push(describeMissing(folder, study.runs.length, lacking));
  const missing = lacking.filter((entry) => !isBegun(entry)).map(({ path }) => join(folder, path));
  return { runs, missing };
}

/** "results/grid: 3 of 24 runs are missing (1 failed); byzsim sweep runs what is missing" */
function describeMissing(folder: string, total: number, missing: readonly StudyEntry[]): string {
  const failed = missing.filter(({ status }) => status === 'failed').length;
  const are = missing.length === 1 ? 'is' : 'are';
  return (
    `${folder}: ${missing.length} of ${total} runs ${are} missing` +
    `${failed > 0 ? ` (${failed} failed)` : ''}; byzsim sweep runs what is missing`
  );
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
