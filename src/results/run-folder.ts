import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ByzantineWeight } from '../simulation/byzantine-weight.js';
import type { MetricsRow } from '../simulation/columns.js';
import type { Row } from '../simulation/driver.js';
import { CsvFile, makeFolder, schemaVersion, sha256, writeJson, writeWhole } from './files.js';
import type { SeenLock } from './lock/lock-file.js';
import { heldLock, HeldError, takeLock, type Lock, type TakeOptions } from './lock/lock.js';
import { describeHeld } from './lock/messages.js';
import { watchLock, type WatchOptions } from './lock/watch.js';

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
  final: MetricsRow;
  /** The row of highest test accuracy, or of least test loss where there are no classes. */
  best: MetricsRow;
  /** Absent where no worker is Byzantine or the rule was told no λ. */
  byzantine_weight?: ByzantineWeight;
  updates: number;
  wall_seconds: number;
  backend: string;
  path: string;
  /** Of the config and the tables, by name, as they were when the run ended; absent in earlier versions. */
  files_sha256?: Record<string, string>;
}

/** The folder of one run while it is written. One process at a time holds it. */
export class RunFolder {
  private readonly lock: Lock;
  private readonly metricsFile: CsvFile;
  private readonly timingFile: CsvFile;
  private iteratesFile: CsvFile | undefined;
  /** Whose models are in it. */
  private servers: readonly string[] | undefined;

  /**
   * Takes the folder and starts its files anew.
   *
   * @param columns of metrics.csv
   * @throws HeldError where another process is writing it
   */
  constructor(
    readonly path: string,
    private readonly columns: readonly string[],
    private readonly configYaml: string,
    private readonly meta: Record<string, unknown>,
    options?: TakeOptions,
  ) {
    makeFolder(path);
    this.lock = takeLock(lockOf(path), path, options);
    try {
      for (const file of ['summary.json', 'failure.json', 'iterates.csv', 'profile.json'])
        rmSync(join(path, file), { force: true });
      writeWhole(join(path, 'config.yaml'), configYaml);
      this.writeMeta(meta);
      this.metricsFile = new CsvFile(join(path, 'metrics.csv'), columns);
      this.timingFile = new CsvFile(join(path, 'timing.csv'), [
        'update',
        'wall_seconds',
        'updates_per_second',
      ]);
    } catch (error) {
      this.lock.release();
      throw error;
    }
  }

  /** From whom the folder was taken over, a sentence; nothing where nobody had it. */
  get takenOver(): string | undefined {
    return this.lock.takenOver;
  }

  /**
   * Adds an evaluation. `wallSeconds` since the run began.
   * @throws UserError where it cannot be written, or another process has taken the folder over
   */
  append({ values, iterate, iterates }: Row, wallSeconds: number): void {
    this.lock.assertHeld();
    this.metricsFile.append(this.columns.map((column) => values[column]));
    const update = values.update!;
    this.timingFile.append([update, wallSeconds.toFixed(3), (update / wallSeconds).toFixed(1)]);
    if (iterate) this.appendIterates(update, iterates ?? { '': iterate });
  }

  /**
   * Closes the files, keeping all rows, and lets the folder go. A summary marks the run as finished.
   * @param found what the run found out by itself, for meta.json
   * @returns the summary as it was written
   */
  close(summary?: RunSummary, found?: Readonly<Record<string, unknown>>): RunSummary | undefined {
    try {
      for (const file of [this.metricsFile, this.timingFile, this.iteratesFile]) file?.close();
      if (!summary) return undefined;
      this.lock.assertHeld();
      if (found) this.writeMeta({ ...this.meta, found });
      const written = { ...summary, files_sha256: this.sums() };
      writeJson(join(this.path, 'summary.json'), written);
      return written;
    } finally {
      this.lock.release();
    }
  }

  private writeMeta(meta: Record<string, unknown>): void {
    writeJson(join(this.path, 'meta.json'), { schema: schemaVersion, ...meta });
  }

  /** Models by server: columns x1, x2, … of one without a name, s1_x1, … of several. A server that is gone has no cells. */
  private appendIterates(update: number, models: Readonly<Record<string, ArrayLike<number>>>): void {
    this.servers ??= Object.keys(models);
    const dimension = Object.values(models)[0].length;
    const of = <T>(cell: (server: string, k: number) => T) =>
      this.servers!.flatMap((server) => Array.from({ length: dimension }, (_, k) => cell(server, k)));
    this.iteratesFile ??= new CsvFile(join(this.path, 'iterates.csv'), [
      'update',
      ...of((server, k) => `${server}${server && '_'}x${k + 1}`),
    ]);
    this.iteratesFile.append([update, ...of((server, k) => models[server]?.[k])]);
  }

  private sums(): Record<string, string> {
    return {
      'config.yaml': sha256(this.configYaml),
      'metrics.csv': this.metricsFile.sum(),
      ...(this.iteratesFile && { 'iterates.csv': this.iteratesFile.sum() }),
    };
  }
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
  return join(folder, 'running.json');
}
