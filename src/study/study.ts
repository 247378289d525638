import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import { unlessGone } from '../base/unless-gone.js';
import { axesOf } from '../config/axes.js';
import type { StudyRun } from './study-run.js';
import { studyTables, type StudyEntry } from './study-file.js';
import { DamagedRun, counted, readFinishedRun } from './finished-run.js';
import { DamagedFile, MissingFile } from '../results/reading.js';
import { tracesOfBegun } from '../results/run-folder.js';
import { readFailure } from './run-state.js';
import { mixedData } from './same-data.js';
import { readEntry, readStudyFile, readStudyLines } from './study-reader.js';
import { differenceOf } from './twins.js';

/** A folder or a file that is not as byzsim wrote it, and what is wrong with it. */
export interface Damage {
  path: string;
  reason: string;
}

/** A further result of a run, with other values. */
export interface Conflict extends Damage {
  hash: string;
  seed: number;
}

export interface Study {
  /** In the order of their paths. */
  runs: StudyRun[];
  /** What was left out, and what to know about the rest; a sentence each. */
  notes: string[];
  /** Folders of runs that were begun and have not ended; each has its note. */
  unfinished: string[];
  /** What does not count because it is damaged; each has its note. */
  damaged: Damage[];
  /** Further results of runs that are there, with other values, and how they differ; each has its note. */
  conflicts: Conflict[];
  /** Folders of the other runs that a sweep is about and that have not ended: failed, or not begun. */
  missing: string[];
}

/** Of a program that TypeScript has not checked. @throws UserError */
function requireArray(paths: unknown): void {
  if (!Array.isArray(paths))
    throw new UserError(`invalid paths: ${show(paths)} (expected an array of folders)`);
}

/**
 * Reads the finished runs in and below some folders: runs, experiments, studies in any mixture. A run that is found
 * twice counts once, as it was found first, run folders before tables; where the other one has other values, it is a
 * conflict. Of a study whose run folders are not there, its study.json and metrics.csv tell. Runs and files that are
 * damaged are left out with a note.
 *
 * @throws UserError where there is nothing, or a folder of another version of the layout
 */
export function readStudy(paths: readonly string[]): Study {
  requireArray(paths);
  const study: Study = { runs: [], notes: [], unfinished: [], damaged: [], conflicts: [], missing: [] };
  const reader = new StudyFolders(study);
  const found = paths.map((path) => find(path, study));
  for (const folder of distinct(found.flatMap(({ runs }) => runs))) reader.addRun(folder);
  for (const folder of distinct(found.flatMap(({ studies }) => studies))) reader.addStudy(folder);
  if (study.runs.length === 0) {
    if (reader.broken) throw reader.broken;
    const reasons = study.notes.slice(0, 3).map((note) => `\n  ${note}`);
    throw new UserError(
      `missing runs: no finished run in ${paths.join(', ')} (byzsim run FILE makes one)${reasons.join('')}`,
    );
  }
  study.notes.push(...mixedData(study.runs));
  return study;
}

/**
 * The folders in and below some paths of runs, whatever became of them, and of tasks that sweeps handed out.
 * @throws UserError where there is no such path
 */
export function foldersIn(paths: readonly string[]): { runs: string[]; tasks: string[]; notes: string[] } {
  const notes: string[] = [];
  const found = paths.map((path) => find(path, { notes }));
  const all = (kind: 'runs' | 'tasks') => [...distinct(found.flatMap((each) => each[kind]))];
  return { runs: all('runs'), tasks: all('tasks'), notes };
}

/** Tells runs apart wherever they lie. */
function keyOf({ hash, seed }: { hash: string; seed: number }): string {
  return `${hash} ${seed}`;
}

/** Each folder once, by whatever path; not those that another process has removed. */
function distinct(folders: readonly string[]): Iterable<string> {
  const real = folders.flatMap((path): [string, string][] => {
    const target = unlessGone(() => realpathSync(path));
    return target === undefined ? [] : [[target, path]];
  });
  return new Map(real).values();
}

/** Folders of runs, of tasks, and folders that have a study.json, in alphabetical order. */
interface Found {
  runs: string[];
  tasks: string[];
  studies: string[];
}

/** What is in and below a path. */
function find(path: string, { notes }: Pick<Study, 'notes'>): Found {
  const found: Found = { runs: [], tasks: [], studies: [] };
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UserError(`missing results: ${path}`);
  if (stats.isDirectory()) walk(path, found, notes);
  else notes.push(`left out ${path}: not a folder`);
  return found;
}

function walk(folder: string, found: Found, notes: string[]): void {
  let entries;
  try {
    entries = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  } catch (error) {
    notes.push(`left out ${folder}: it cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return;
  }
  const names = new Set(entries.map(({ name }) => name));
  if (names.has(studyTables.study)) found.studies.push(folder);
  if (holdsRun(folder, names)) found.runs.push(folder);
  if (names.has('plan.jsonl') && tasksFolder.test(resolve(folder))) found.tasks.push(folder);
  const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const name of below.sort()) walk(join(folder, name), found, notes);
}

/** What sweep/plan-file.ts makes for each time that tasks are handed out. */
const tasksFolder = /[\\/]tasks[\\/]\d+$/;

const seedFolder = /^seed-\d+$/;

/** The files of a run that no other folder has more than one of. */
const runFiles = [
  'config.yaml',
  'metrics.csv',
  'summary.json',
  'timing.csv',
  'failure.json',
  'checkpoint.bin',
];

/** Whether a folder is that of a run, or was before some of its files were lost. */
function holdsRun(folder: string, names: ReadonlySet<string>): boolean {
  if (names.has('meta.json')) return true;
  if (names.has(studyTables.study) || [...names].some((name) => seedFolder.test(name))) return false;
  const present = runFiles.filter((name) => names.has(name)).length;
  const isNamed = seedFolder.test(basename(resolve(folder)));
  const isBegun = present > 0 || tracesOfBegun.some((name) => names.has(name));
  return present > 1 || (isNamed && (isBegun || names.size === 0));
}

/** Adds what folders hold to a study. */
class StudyFolders {
  /** What is wrong with the files of a study, if anything is. */
  broken: UserError | undefined;
  private readonly known = new Map<string, StudyRun>();
  /** Folders of runs that were read. */
  private readonly read = new Set<string>();

  constructor(private readonly study: Study) {}

  addRun(folder: string): void {
    const { notes, unfinished, damaged } = this.study;
    try {
      const run = readRun(folder);
      if (run) {
        this.read.add(realpathSync(folder));
        this.add(run);
      } else {
        unfinished.push(folder);
        const failure = readFailure(folder);
        notes.push(`left out ${folder}: ${failure === undefined ? 'not finished' : `it failed: ${failure}`}`);
      }
    } catch (error) {
      if (!(error instanceof DamagedRun)) throw error;
      damaged.push({ path: folder, reason: error.reason });
      notes.push(`left out ${folder}: ${error.reason}; byzsim run and byzsim sweep run it again`);
    }
  }

  /**
   * The runs of a study that ended and have no run folder. Where both tell of a run, its folder is right: it may have
   * been run again since.
   */
  addStudy(folder: string): void {
    const { notes, damaged, missing } = this.study;
    const study = this.whole(() => readStudyFile(folder));
    if (!study) return;
    for (const fault of study.faults) {
      damaged.push({ path: join(folder, studyTables.study), reason: fault });
      notes.push(`left out ${fault}; byzsim sweep writes it anew`);
    }
    const others = study.entries.filter(({ path }) => !this.hasRead(join(folder, path)));
    const begun = new Set([...this.study.unfinished, ...damaged.map(({ path }) => path)]);
    const isBegun = ({ path }: StudyEntry) => begun.has(join(folder, path));
    const ended = others.filter((entry) => entry.summary && !isBegun(entry));
    const lines = ended.length > 0 ? this.whole(() => readStudyLines(study)) : undefined;
    if (lines && lines.others > 0) {
      notes.push(
        `${join(folder, studyTables.metrics)} has ${counted(lines.others)} of no run in ${studyTables.study}`,
      );
    }
    for (const entry of lines ? ended : []) {
      try {
        this.add(readEntry(study, entry, lines!));
      } catch (error) {
        if (!(error instanceof DamagedRun)) throw error;
        damaged.push({ path: error.folder, reason: error.reason });
        notes.push(
          `left out ${error.folder}: ${error.reason}; byzsim sweep writes the files of a study anew`,
        );
      }
    }
    const lacking = others.filter((entry) => !ended.includes(entry) && !this.known.has(keyOf(entry)));
    if (lacking.length > 0) notes.push(describeMissing(folder, study.entries.length, lacking));
    missing.push(...lacking.filter((entry) => !isBegun(entry)).map(({ path }) => join(folder, path)));
  }

  /** What `read` returns; nothing, with a note, where the files of a study cannot be read. */
  private whole<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      const { damaged, notes } = this.study;
      if (error instanceof DamagedFile) damaged.push({ path: error.file, reason: error.reason });
      else if (error instanceof MissingFile) damaged.push({ path: error.file, reason: 'it is missing' });
      else throw error;
      this.broken ??= error;
      notes.push(`left out what it tells: ${error.message}`);
      return undefined;
    }
  }

  private hasRead(folder: string): boolean {
    return existsSync(folder) && this.read.has(realpathSync(folder));
  }

  private add(run: StudyRun): void {
    const { runs, notes, conflicts } = this.study;
    const { path, summary } = run;
    const key = keyOf(run);
    const twin = this.known.get(key);
    if (twin) {
      const difference = differenceOf(run, twin);
      const same = `the same run as ${twin.path}`;
      const reason = difference === undefined ? same : `${same} with other values: ${difference}`;
      notes.push(`left out ${path}: ${reason}`);
      if (difference !== undefined) conflicts.push({ path, reason, hash: run.hash, seed: run.seed });
      return;
    }
    if (summary.status !== 'done')
      notes.push(`${path}: ${summary.message ?? 'it ended early'}; its rows end there`);
    this.known.set(key, run);
    runs.push(run);
  }
}

/** Nothing for a run that has not ended. @throws DamagedRun, LayoutError */
function readRun(folder: string): StudyRun | undefined {
  const run = readFinishedRun(folder);
  if (!run) return undefined;
  const { summary, meta, metrics } = run;
  const { hash, seed } = summary;
  const config = run.config!;
  const { columns, rows } = metrics;
  return { path: folder, hash, seed, axes: axesOf(config, hash), config, summary, meta, columns, rows };
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
