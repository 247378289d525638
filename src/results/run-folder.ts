import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import type { Row } from '../simulation/tally.js';
import { columns } from './columns.js';
import { CsvFile, makeFolder, schemaVersion, writeJson, writeWhole } from './files.js';

/** How a run of one seed ended. */
export interface RunSummary {
  schema: number;
  status: 'done' | 'diverged';
  /** Why, when the run diverged. */
  message?: string;
  name: string;
  slug: string;
  hash: string;
  hash8: string;
  seed: number;
  /** The last row, by column. */
  final: Record<string, number | undefined>;
  /** The row of highest test accuracy, or of least test loss where there are no classes. */
  best: Record<string, number | undefined>;
  updates: number;
  wall_seconds: number;
  backend: string;
  path: string;
}

/** A row by the names of metrics.csv. */
export function metrics(row: Row): Record<string, number | undefined> {
  return Object.fromEntries(columns.map(({ name, of }) => [name, of(row)]));
}

/**
 * The summary of a finished run, or undefined when there is none.
 * @throws UserError when the folder was written by another version of the layout
 */
export function readSummary(folder: string): RunSummary | undefined {
  const file = join(folder, 'summary.json');
  if (!existsSync(file)) return undefined;
  let summary: Partial<RunSummary>;
  try {
    summary = JSON.parse(readFileSync(file, 'utf8')) as Partial<RunSummary>;
  } catch {
    throw new UserError(`unreadable ${file}: remove it, or use --force to run again`);
  }
  if (summary.schema !== schemaVersion) {
    throw new UserError(
      `${folder} was written in layout ${String(summary.schema)}, this byzsim reads ${schemaVersion}: ` +
        'choose another --out, or use --force to run again',
    );
  }
  return summary as RunSummary;
}

/** The folder of one run while it is written. One process at a time holds it. */
export class RunFolder {
  private readonly lock: string;
  private readonly metricsFile: CsvFile;
  private readonly timingFile: CsvFile;
  private iteratesFile: CsvFile | undefined;

  /** Takes the folder and starts its files anew. */
  constructor(
    readonly path: string,
    configYaml: string,
    meta: Record<string, unknown>,
  ) {
    makeFolder(path);
    this.lock = takeLock(path);
    try {
      for (const file of ['summary.json', 'failure.json', 'iterates.csv', 'profile.json'])
        rmSync(join(path, file), { force: true });
      writeWhole(join(path, 'config.yaml'), configYaml);
      writeJson(join(path, 'meta.json'), { schema: schemaVersion, ...meta });
      this.metricsFile = new CsvFile(
        join(path, 'metrics.csv'),
        columns.map(({ name }) => name),
      );
      this.timingFile = new CsvFile(join(path, 'timing.csv'), ['update', 'wall_seconds', 'updates_per_second']);
    } catch (error) {
      rmSync(this.lock, { force: true });
      throw error;
    }
  }

  /** Adds an evaluation. `wallSeconds` since the run began. */
  append(row: Row, wallSeconds: number): void {
    this.metricsFile.append(columns.map(({ of }) => of(row)));
    this.timingFile.append([row.update, wallSeconds.toFixed(3), (row.update / wallSeconds).toFixed(1)]);
    if (row.iterate) {
      this.iteratesFile ??= new CsvFile(join(this.path, 'iterates.csv'), [
        'update',
        ...Array.from(row.iterate, (_, k) => `x${k + 1}`),
      ]);
      this.iteratesFile.append([row.update, ...Array.from(row.iterate)]);
    }
  }

  /** Closes the files, keeping all rows, and lets the folder go. A summary marks the run as finished. */
  close(summary?: RunSummary): void {
    try {
      for (const file of [this.metricsFile, this.timingFile, this.iteratesFile]) file?.close();
      if (summary) writeJson(join(this.path, 'summary.json'), summary);
    } finally {
      rmSync(this.lock, { force: true });
    }
  }
}

/** A process, and where it runs. */
export interface Holder {
  pid: number;
  host: string;
}

/** The process that is writing a run folder, if one is. */
export function holderOf(folder: string): Holder | undefined {
  const holder = readHolder(lockOf(folder));
  return holder && isAlive(holder) ? holder : undefined;
}

function lockOf(folder: string): string {
  return join(folder, 'running.json');
}

/** Two processes must not write one folder. A lock left by a process that is gone is taken over. */
function takeLock(folder: string): string {
  const path = lockOf(folder);
  const mine = JSON.stringify({ pid: process.pid, host: hostname() });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, mine, { flag: 'wx' });
      return path;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new UserError(`cannot write ${path}: ${message}`);
      const holder = holderOf(folder);
      if (holder) {
        throw new UserError(
          `${folder} is being written by process ${holder.pid} on ${holder.host}: ` +
            `wait for it, or remove ${path} if that process is gone`,
        );
      }
      rmSync(path, { force: true });
    }
  }
  throw new UserError(`cannot take ${path}: another process keeps taking it`);
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
