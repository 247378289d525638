import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { MetricsRow } from '../simulation/columns.js';
import { sessionEndEvent, sessionStartEvent, scalarsEvent } from './event.js';
import { EventFile } from './event-file.js';
import { pathOf, valuesOf, type Tracked } from './tracked.js';
import type { EndStatus } from '../results/run-folder.js';

/** A run as TensorBoard reads it: a tag for each column of metrics.csv, its steps the updates, and hyperparameters. */
export class TensorBoardRun {
  private readonly file: EventFile;

  /**
   * Starts its file anew, always of the same name, below a folder for TensorBoard; those of the run before it began anew
   * go.
   * @throws UserError where it cannot be written
   */
  constructor(folder: string, tracked: Tracked) {
    const { started, slug, hash, hyperparameters } = tracked;
    const path = join(folder, pathOf(tracked), `events.out.tfevents.${Math.floor(started)}.byzsim`);
    this.file = new EventFile(path, started);
    removeOthers(path);
    this.file.append(sessionStartEvent(started, `${slug}-${hash.slice(0, 8)}`, hyperparameters));
  }

  /** @param wallTime seconds since 1970 */
  add(row: MetricsRow, wallTime: number): void {
    this.file.append(scalarsEvent(wallTime, row.update!, valuesOf(row)));
  }

  /** Without a status: it may go on. */
  close(status?: EndStatus, wallTime = 0): void {
    if (status) this.file.append(sessionEndEvent(wallTime, status));
    this.file.close();
  }
}

/** Removes the event files beside one that byzsim has written. */
function removeOthers(path: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder))
    if (/^events\.out\.tfevents\.\d+\.byzsim$/.test(name) && name !== basename(path))
      rmSync(join(folder, name), { force: true });
}
