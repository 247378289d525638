import { UserError } from '../base/errors.js';
import type { StateTree } from '../base/state.js';
import type { RunFolder } from '../results/run-folder.js';
import type { Checkpoints } from '../simulation/driver.js';

/** Milliseconds from one checkpoint to the next, where a run is not told to keep one every so many updates. */
export const defaultInterval = 300_000;

/** The part of a run's time that these checkpoints may take, of models so large that they would take more. */
export const mostShare = 0.01;

/** Keeps the checkpoints of a run in its folder. */
export class FolderCheckpoints implements Checkpoints {
  private last = performance.now();
  /** Milliseconds that the last one took. */
  cost = 0;
  private noted: string | undefined;

  /**
   * @param every updates from one to the next
   * @param note told why none could be kept, when that is new
   */
  constructor(
    private readonly folder: RunFolder,
    private readonly every: number | undefined,
    private readonly note: (text: string) => void,
  ) {}

  due(update: number): boolean {
    if (this.every !== undefined) return update % this.every === 0;
    return performance.now() - this.last >= this.interval;
  }

  /** The part of a run's time that they take where there is one every so many minutes, by the last one. */
  get share(): number {
    return this.cost / this.interval;
  }

  private get interval(): number {
    return Math.max(defaultInterval, this.cost / mostShare);
  }

  /** Where none can be kept, on a full disk for instance, the run goes on without, unless it has lost its folder. */
  async keep(update: number, state: StateTree): Promise<void> {
    const start = performance.now();
    try {
      await this.folder.keep(update, state);
    } catch (error) {
      this.folder.assertHeld();
      if (!(error instanceof UserError)) throw error;
      if (error.message !== this.noted)
        this.note(`${error.message}; the run goes on without that checkpoint`);
      this.noted = error.message;
    }
    this.last = performance.now();
    this.cost = this.last - start;
  }
}
