import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Mapping } from '../base/mapping.js';
import { yamlOf } from '../config/resolved-yaml.js';
import { guarded, makeFolder, sha256, writeJson, writeWhole } from '../results/files.js';
import { takeLockWhenFree } from '../results/lock/watch.js';
import type { Metrics } from '../results/metrics-file.js';
import { DamagedFile, MissingFile } from '../results/reading.js';
import type { RunSummary } from '../results/run-folder.js';
import { commonColumns } from '../simulation/columns.js';
import { DamagedRun } from './finished-run.js';
import type { RunState } from './run-state.js';
import { studyTables } from './study-file.js';
import { readEntry, readStudyFile, readStudyLines } from './study-reader.js';

/** A run of which only the tables of its study tell: its state, and its config. */
export type KeptRun = Extract<RunState, { summary: RunSummary }> & { config: Mapping };

/**
 * The runs of a study that ended and whose folders are not there, as study.json and metrics.csv tell them: those of a study
 * that was copied or committed without its run folders. What is damaged there is not among them.
 *
 * @returns by the paths of their run folders, absolute
 * @throws LayoutError where another version wrote the study
 */
export function keptRuns(folder: string): Map<string, KeptRun> {
  const kept = new Map<string, KeptRun>();
  const study = unlessDamaged(() => readStudyFile(folder));
  const gone = study?.entries.filter(({ summary, path }) => summary && !existsSync(join(folder, path))) ?? [];
  const lines = gone.length > 0 ? unlessDamaged(() => readStudyLines(study!)) : undefined;
  for (const entry of lines ? gone : []) {
    const run = unlessDamaged(() => readEntry(study!, entry, lines!));
    if (!run) continue;
    const { path, summary, meta, columns, rows } = run;
    // A sweep takes runs that were done under another name, and keeps its own of their configs.
    const config = { ...run.config, name: summary.name };
    const lineTexts = lines!.runs.get(entry.id)!.map(({ text }) => text);
    const metrics = ownMetrics({ columns, rows, lines: lineTexts }, summary.files_sha256?.['metrics.csv']);
    kept.set(resolve(path), { status: summary.status, summary, meta, metrics, config });
  }
  return kept;
}

/**
 * A run's metrics.csv as the run wrote it, from its lines in the table of its study: columns of other runs' modes and
 * rules, which are empty there, are not in it. With all columns where that is not the file that `sum` is of.
 */
function ownMetrics(all: Omit<Metrics, 'text'>, sum: string | undefined): Metrics {
  const cells = all.lines.map((line) => line.split(','));
  const filled = [...all.columns.keys()].filter(
    (k) => commonColumns.some(({ name }) => name === all.columns[k]) || cells.some((line) => line[k] !== ''),
  );
  const columns = filled.map((k) => all.columns[k]);
  const lines = cells.map((line) => filled.map((k) => line[k]).join(','));
  const own = withText({ columns, rows: all.rows, lines });
  return sha256(own.text) === sum ? own : withText(all);
}

function withText(metrics: Omit<Metrics, 'text'>): Metrics {
  const text = [metrics.columns.join(','), ...metrics.lines].map((line) => `${line}\n`).join('');
  return { ...metrics, text };
}

function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DamagedFile || error instanceof MissingFile || error instanceof DamagedRun)
      return undefined;
    throw error;
  }
}

/**
 * Makes the run folders of a study's kept runs, so that its tables can be written anew, by whatever plan, and nothing is
 * lost. What the tables do not hold, timing.csv and iterates.csv, is not there again.
 *
 * @param onNote told if there were any: who removed a folder to have it computed again may wonder
 * @throws LayoutError; UserError where they cannot be written
 */
export async function restoreRuns(folder: string, onNote: (text: string) => void): Promise<void> {
  if (keptRuns(folder).size === 0) return;
  const lock = await takeLockWhenFree(join(folder, 'writing.json'), folder);
  try {
    const kept = keptRuns(folder);
    for (const [path, run] of kept) restoreRun(path, run);
    if (kept.size === 0) return; // by another process
    const runs = kept.size === 1 ? 'the folder of 1 run' : `the folders of ${kept.size} runs`;
    onNote(`made ${runs} from ${join(folder, studyTables.study)}, which has them; --force runs them again`);
  } finally {
    lock.release();
  }
}

/** A run folder that is there is whole, or it would be taken for that of a run which was interrupted. */
function restoreRun(path: string, { summary, meta, metrics, config }: KeptRun): void {
  const partial = join(dirname(path), `.${basename(path)}.partial`);
  guarded(partial, () => rmSync(partial, { recursive: true, force: true }));
  makeFolder(partial);
  const files = { 'config.yaml': yamlOf(config), 'metrics.csv': metrics.text };
  for (const [name, content] of Object.entries(files)) writeWhole(join(partial, name), content);
  const sums = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]));
  writeJson(join(partial, 'meta.json'), meta);
  writeJson(join(partial, 'summary.json'), { ...summary, path, files_sha256: sums });
  guarded(path, () => renameSync(partial, path));
}
