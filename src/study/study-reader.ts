import { basename, join } from 'node:path';
import { z } from 'zod';
import { axesOf } from '../config/axes.js';
import { parseStudyConfig } from './config-file.js';
import { schemaVersion } from '../results/files.js';
import { counted, DamagedRun, Fault, holdHash, holdRows } from './finished-run.js';
import { metaSchema } from '../results/meta-file.js';
import { columnsProblem, readRow, splitTable } from '../results/metrics-file.js';
import { DamagedFile, MissingFile, readJson, readText } from '../results/reading.js';
import type { StudyRun } from './study-run.js';
import { axesPrefix, linesSum, studyTables, type StudyEntry } from './study-file.js';
import { endStatuses } from '../results/run-folder.js';
import { summarySchema } from '../results/summary-file.js';

const entrySchema: z.ZodType<StudyEntry> = z.object({
  id: z.string(),
  path: z.string(),
  slug: z.string(),
  hash: z.string(),
  seed: z.int().min(0),
  axes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  // `running` is of earlier versions.
  status: z.enum([...endStatuses, 'failed', 'invalid', 'interrupted', 'missing', 'running']),
  message: z.string().optional(),
  summary: summarySchema.optional(),
  meta: metaSchema.optional(),
  rows: z.int().min(0),
  rows_sha256: z.string().optional(),
});

const studySchema = z.looseObject({
  schema: z.literal(schemaVersion),
  name: z.string(),
  axes: z.array(z.string()),
  runs: z.array(z.unknown()),
  configs: z.record(z.string(), z.unknown()),
});

/** A study.json as it was read. */
export interface ReadStudy {
  folder: string;
  axes: readonly string[];
  /** The runs that could be read. */
  entries: readonly StudyEntry[];
  /** Resolved configs, by hash. */
  configs: Readonly<Record<string, unknown>>;
  /** What is wrong with the runs that could not. */
  faults: readonly string[];
}

/** The study.json of a folder, if it has one. @throws DamagedFile, LayoutError */
export function readStudyFile(folder: string): ReadStudy | undefined {
  const study = readJson(join(folder, studyTables.study), studySchema);
  if (!study) return undefined;
  const parsed = study.runs.map((run) => entrySchema.safeParse(run));
  const faults = parsed.flatMap(({ error }, k) => {
    if (!error) return [];
    const [{ path, message }] = error.issues;
    return `run ${k + 1} of ${join(folder, studyTables.study)}: ${path.join('.')}: ${message.replace(/^Invalid input: /, '')}`;
  });
  return {
    folder,
    axes: study.axes,
    entries: parsed.flatMap(({ data }) => data ?? []),
    configs: study.configs,
    faults,
  };
}

/** The lines of a study's metrics.csv. */
export interface StudyLines {
  /** Of the runs; those of the axes come before. */
  columns: readonly string[];
  /** Of each run, by id: the lines without the axes, and where they stand. */
  runs: ReadonlyMap<string, readonly { line: number; text: string }[]>;
  /** How many lines are of no run. */
  others: number;
}

/**
 * The metrics.csv of a study. A line is of the run whose values of the axes it begins with.
 * @throws DamagedFile where no line can be told from another; MissingFile where there is none
 */
export function readStudyLines({ folder, axes, entries }: ReadStudy): StudyLines {
  const file = join(folder, studyTables.metrics);
  const text = readText(file);
  if (text === undefined)
    throw new MissingFile(file, `it holds the rows of ${join(folder, studyTables.study)}`);
  const { header, lines } = splitTable(file, text);
  const start = axesPrefix(axes);
  const columns = header.slice(start.length).split(',');
  const problem = header.startsWith(start)
    ? columnsProblem(columns)
    : `it begins with other columns than the axes of ${studyTables.study}`;
  if (problem !== undefined)
    throw new DamagedFile(file, problem, 'byzsim sweep writes it anew from the run folders');

  const byAxes = new Map<string, { line: number; text: string }[]>();
  for (const [k, whole] of lines.entries()) {
    // Labels of axes may hold commas; numbers, which are last, have none.
    const own = whole.split(',').slice(-columns.length).join(',');
    add(byAxes, whole.slice(0, whole.length - own.length), { line: k + 2, text: own });
  }
  const prefixes = new Map(entries.map(({ id, axes: of }) => [id, axesPrefix(axes.map((axis) => of[axis]))]));
  const users = new Map<string, string[]>();
  for (const [id, prefix] of prefixes) add(users, prefix, id);
  const runs = new Map(
    entries.map(({ id, rows }) => {
      const prefix = prefixes.get(id)!;
      const found = byAxes.get(prefix) ?? [];
      // Where runs have the same labels, theirs come in the order of the runs.
      return [id, found.splice(0, users.get(prefix)!.length > 1 ? rows : found.length)];
    }),
  );
  return { columns, runs, others: [...byAxes.values()].reduce((sum, { length }) => sum + length, 0) };
}

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/**
 * A run that ended, from the files of its study, which must agree as those of a run folder must.
 * @throws DamagedRun where they do not
 */
export function readEntry({ folder, configs }: ReadStudy, entry: StudyEntry, lines: StudyLines): StudyRun {
  const path = join(folder, entry.path);
  const file = join(folder, studyTables.metrics);
  try {
    const { hash, seed, summary, meta } = entry;
    if (
      !summary ||
      !meta ||
      meta.hash !== hash ||
      summary.hash !== hash ||
      meta.seed !== seed ||
      summary.seed !== seed
    )
      throw new Fault(`${studyTables.study} contradicts itself about it`);
    const shared = parseStudyConfig(join(folder, studyTables.study), configs[hash]);
    holdHash(hash, meta, shared, `the config in ${studyTables.study} is not that of its hash`);
    const own = lines.runs.get(entry.id)!;
    if (own.length !== entry.rows)
      throw new Fault(`${studyTables.metrics} has ${counted(own.length)} of it (${entry.rows} expected)`);
    const rows = own.map(({ line, text }) => readRow(file, line, lines.columns, text.split(',')));
    holdRows(summary, shared, rows);
    if (entry.rows_sha256 !== undefined && linesSum(own.map(({ text }) => text)) !== entry.rows_sha256)
      throw new Fault(`its rows in ${studyTables.metrics} are not as they were written`);
    const config = { ...shared, seeds: [seed] };
    return {
      path,
      hash,
      seed,
      axes: axesOf(config, hash),
      config,
      summary: { ...summary, path },
      meta,
      columns: lines.columns,
      rows,
    };
  } catch (error) {
    if (error instanceof Fault) throw new DamagedRun(path, error.message);
    if (error instanceof DamagedFile) throw new DamagedRun(path, `${basename(error.file)}: ${error.reason}`);
    throw error;
  }
}
