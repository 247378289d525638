import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { earlyEnds, UserError } from '../base/errors.js';
import type { Mapping } from '../base/mapping.js';
import type { StateTree } from '../base/state.js';
import type { ByzantineWeight } from '../simulation/byzantine-weight.js';
import type { MetricsRow } from '../simulation/columns.js';
import type { Row } from '../simulation/driver.js';
import { removeCheckpoint, writeCheckpoint, type CheckpointHeader } from './checkpoint-file.js';
import {
  CsvFile,
  guarded,
  makeFolder,
  removeTemporaries,
  schemaVersion,
  sha256,
  writeJson,
  writeWhole,
  type Beginning,
} from './files.js';
import type { SeenLock } from './lock/lock-file.js';
import { heldLock, HeldError, takeLock, type Lock, type TakeOptions } from './lock/lock.js';
import { describeHeld } from './lock/messages.js';
import { watchLock, type WatchOptions } from './lock/watch.js';
import type { Meta } from './meta-file.js';
import { DamagedFile, readText } from './reading.js';

/** How a run ended: done, or early. */
export const endStatuses = ['done', ...earlyEnds] as const;
export type EndStatus = (typeof endStatuses)[number];

/** How a run of one seed ended. */
export interface RunSummary {
  schema: number;
  status: EndStatus;
  /** Why it ended early. */
  message?: string;
  /** The step that a run which ended early did not get beyond; absent in earlier versions. */
  stopped_in?: number;
  name: string;
  slug: string;
  hash: string;
  hash8: string;
  seed: number;
  /** The last row, by column. */
  final: MetricsRow;
  /** The row of highest test accuracy, or of least test loss where there are no classes. */
  best: MetricsRow;
  /** Absent where no worker is Byzantine or the rule was told no λ. */
  byzantine_weight?: ByzantineWeight;
  /** As the config says, also where the run ended early. */
  updates: number;
  wall_seconds: number;
  backend: string;
  path: string;
  /** Of the config and the tables, by name, as they were when the run ended; absent in earlier versions. */
  files_sha256?: Record<string, string>;
}

/** Takes the folder of a run, which is made if it is not there. @throws HeldError where another process has it */
export function takeRun(folder: string, options?: TakeOptions): Lock {
  makeFolder(folder);
  return takeLock(lockOf(folder), folder, options);
}

/** What stands in a run folder besides its results. */
export interface RunFiles {
  /** Of metrics.csv. */
  columns: readonly string[];
  configYaml: string;
  /** meta.json, but for its layout. */
  meta: Mapping & Pick<Meta, 'hash' | 'seed'>;
}

const iteratesFile = 'iterates.csv';

/**
 * Of timing.csv: wall time of the run up to an evaluation, without that in which it was interrupted, and the updates per
 * second since the row before, or since the run began.
 */
const timingColumns = ['update', 'wall_seconds', 'updates_per_second'];

/** A row of timing.csv, or how things stood when the run began. */
interface Timing {
  update: number;
  seconds: number;
}

/** The folder of one run while it is written, by the one process that has taken it. */
export class RunFolder {
  private readonly meta: Meta;
  private readonly tables = new Map<string, CsvFile>();
  /** Whose models are in iterates.csv. */
  private servers: readonly string[] | undefined;
  private timed: Timing;

  /**
   * Starts the files of the run anew, or goes on where they were at a checkpoint: rows that came later are cut off.
   *
   * @param lock on the folder; let go of when this is closed
   * @throws UserError where they cannot be written; DamagedFile where they have lost rows of the checkpoint
   */
  constructor(
    readonly path: string,
    private readonly lock: Lock,
    private readonly files: RunFiles,
    from?: CheckpointHeader,
  ) {
    this.meta = { schema: schemaVersion, ...files.meta };
    // First, as what is there stays as it is where the tables cannot be gone on from.
    if (from) this.openTables(from);
    else removeCheckpoint(checkpointOf(path));
    this.timed = (from && this.lastTiming()) ?? { update: 0, seconds: 0 };
    removeTemporaries(path);
    for (const name of ['summary.json', 'failure.json', 'profile.json']) this.remove(name);
    if (!this.tables.has(iteratesFile)) this.remove(iteratesFile);
    writeWhole(join(path, 'config.yaml'), files.configYaml);
    this.writeMeta(this.meta);
    if (from) return;
    this.open('metrics.csv', files.columns);
    this.open('timing.csv', timingColumns);
  }

  /** @throws UserError where another process has taken the folder over */
  assertHeld(): void {
    this.lock.assertHeld();
  }

  /**
   * Adds an evaluation. `wallSeconds` since the run began.
   * @throws UserError where it cannot be written, or another process has taken the folder over
   */
  append({ values, iterate, iterates }: Row, wallSeconds: number): void {
    this.lock.assertHeld();
    this.tables.get('metrics.csv')!.append(this.files.columns.map((column) => values[column]));
    const update = values.update!;
    this.tables
      .get('timing.csv')!
      .append([update, wallSeconds.toFixed(3), pace(this.timed, { update, seconds: wallSeconds })]);
    this.timed = { update, seconds: wallSeconds };
    if (iterate) this.appendIterates(update, iterates ?? { '': iterate });
  }

  /**
   * Keeps what a run remembers after so many steps, and which rows it had by then.
   * @throws UserError as `append`; the checkpoint before stays
   */
  async keep(update: number, state: StateTree): Promise<void> {
    this.lock.assertHeld();
    const tables = Object.fromEntries([...this.tables].map(([name, table]) => [name, table.sync()]));
    await writeCheckpoint(checkpointOf(this.path), { meta: this.meta, update, tables }, state.entries(), () =>
      this.lock.assertHeld(),
    );
  }

  /**
   * Closes the files, keeping all rows, and lets the folder go. A summary marks the run as finished, which needs no
   * checkpoint any more.
   * @param found what the run found out by itself, for meta.json
   * @returns the summary as it was written
   */
  close(summary?: RunSummary, found?: Readonly<Record<string, unknown>>): RunSummary | undefined {
    try {
      for (const table of this.tables.values()) table.close();
      if (!summary) return undefined;
      this.lock.assertHeld();
      if (found) this.writeMeta({ ...this.meta, found });
      const written = { ...summary, files_sha256: this.sums() };
      writeJson(join(this.path, 'summary.json'), written);
      removeCheckpoint(checkpointOf(this.path));
      return written;
    } finally {
      this.lock.release();
    }
  }

  private writeMeta(meta: Meta): void {
    writeJson(join(this.path, 'meta.json'), meta);
  }

  /** Models by server: columns x1, x2, … of one without a name, s1_x1, … of several. A server that is gone has no cells. */
  private appendIterates(update: number, models: Readonly<Record<string, ArrayLike<number>>>): void {
    this.servers ??= this.serversIn(iteratesFile) ?? Object.keys(models);
    const dimension = Object.values(models)[0].length;
    const of = <T>(cell: (server: string, k: number) => T) =>
      this.servers!.flatMap((server) => Array.from({ length: dimension }, (_, k) => cell(server, k)));
    const columns = ['update', ...of((server, k) => `${server}${server && '_'}x${k + 1}`)];
    const table = this.tables.get(iteratesFile) ?? this.open(iteratesFile, columns);
    table.append([update, ...of((server, k) => models[server]?.[k])]);
  }

  /** The servers that a table has had columns of since the run began: some may be gone where it goes on. */
  private serversIn(name: string): string[] | undefined {
    if (!this.tables.has(name)) return undefined;
    const [header] = readText(join(this.path, name))!.split('\n', 1);
    return header.split(',').flatMap(
      (column) =>
        /^(?:(.*)_)?x1$/
          .exec(column)
          ?.slice(1)
          .map((server = '') => server) ?? [],
    );
  }

  /** Nothing where there is no row yet. */
  private lastTiming(): Timing | undefined {
    const [, ...rows] = (readText(join(this.path, 'timing.csv')) ?? '').trimEnd().split('\n');
    const [update, seconds] = rows.at(-1)?.split(',').map(Number) ?? [];
    return update === undefined ? undefined : { update, seconds };
  }

  /** @throws DamagedFile where one has lost rows */
  private openTables({ tables }: CheckpointHeader): void {
    for (const [name, beginning] of Object.entries(tables)) {
      try {
        this.open(name, [], beginning);
      } catch (error) {
        for (const table of this.tables.values()) table.close();
        if (!(error instanceof UserError)) throw error;
        throw new DamagedFile(join(this.path, name), 'it does not have the rows of the checkpoint any more');
      }
    }
  }

  private open(name: string, columns: readonly string[], from?: Beginning): CsvFile {
    const table = new CsvFile(join(this.path, name), columns, from);
    this.tables.set(name, table);
    return table;
  }

  private remove(name: string): void {
    rmSync(join(this.path, name), { force: true });
  }

  /** Of what every run of the config has: not of the clock. */
  private sums(): Record<string, string> {
    const tables = [...this.tables].filter(([name]) => name !== 'timing.csv');
    return {
      'config.yaml': sha256(this.files.configYaml),
      ...Object.fromEntries(tables.map(([name, table]) => [name, table.sum()])),
    };
  }
}

/** Updates per second from one row to another, to four digits; nothing where no time has passed. */
function pace(from: Timing, to: Timing): number | undefined {
  const seconds = to.seconds - from.seconds;
  return seconds > 0 ? Number(((to.update - from.update) / seconds).toPrecision(4)) : undefined;
}

/** The lock on a run folder, if a process that is not dead is writing it. */
export function runLock(folder: string, patience?: number): SeenLock | undefined {
  return heldLock(lockOf(folder), patience);
}

/**
 * Waits until a run folder that a process has on another host, which a user says is dead, can be taken.
 * @throws HeldError where it is not dead
 */
export function watchRun(folder: string, options: WatchOptions): Promise<void> {
  return watchLock(lockOf(folder), folder, options);
}

/** @throws HeldError where another process is writing a run folder */
export function refuseHeld(folder: string): void {
  const lock = runLock(folder);
  if (lock) throw new HeldError(describeHeld(lockOf(folder), folder, lock), lock);
}

/** The lock of a run folder. */
export function lockOf(folder: string): string {
  return join(folder, lockName);
}

const lockName = 'running.json';

/** What the output of a run's process goes to, in the run folder, where a sweep runs it. */
export const logFile = 'log.txt';

const checkpointName = 'checkpoint.bin';

/** What tells that the run of a folder was begun, be it that its process was ended while it was loading. */
export const tracesOfBegun = [lockName, logFile, 'config.yaml', 'metrics.csv', checkpointName];

/** Whether the run of a folder was begun. */
export function isBegun(folder: string): boolean {
  return tracesOfBegun.some((name) => existsSync(join(folder, name)));
}

/** The checkpoint of a run folder, if it has one. */
export function checkpointOf(folder: string): string {
  return join(folder, checkpointName);
}

/** What a checkpoint is called that was not gone on from. */
export const setAsideName = 'checkpoint.aside.bin';

/** Gives the checkpoint of a run that cannot be gone on from another name, and returns that. */
export function setAsideCheckpoint(folder: string): string {
  const aside = join(folder, setAsideName);
  guarded(aside, () => {
    rmSync(aside, { recursive: true, force: true });
    renameSync(checkpointOf(folder), aside);
  });
  return aside;
}
