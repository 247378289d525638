import type { Mapping } from '../base/mapping.js';
import type { LoadedConfig } from '../config/loaded.js';
import { writtenConfig } from '../config/resolved-yaml.js';
import { TensorBoardRun } from '../export/tensorboard.js';
import { hyperparametersOf, readRows, readTimes } from '../export/tracked.js';
import { readMeta } from '../results/meta-file.js';
import type { MetricsRow } from '../simulation/columns.js';
import type { EndStatus } from '../results/run-folder.js';

/** The events of a run while it goes on. Its file begins with the rows before, so that none is there twice. */
export class LiveEvents {
  private readonly events: TensorBoardRun;

  /**
   * @param tensorboard the folder of event files
   * @param folder of the run, which has begun
   * @throws UserError where they cannot be written
   */
  constructor(
    tensorboard: string,
    folder: string,
    { config, identity, seed }: Pick<LoadedConfig, 'config' | 'identity'> & { seed: number },
  ) {
    const { slug, hash } = identity;
    const started = Date.parse(readMeta(folder)?.started ?? '') / 1000 || Date.now() / 1000;
    const hyperparameters = hyperparametersOf(writtenConfig(config) as Mapping, hash, seed);
    this.events = new TensorBoardRun(tensorboard, {
      name: config.name,
      slug,
      hash,
      seed,
      hyperparameters,
      started,
    });
    const times = readTimes(folder);
    for (const row of readRows(folder)) this.events.add(row, started + (times.get(row.update!) ?? 0));
  }

  add(row: MetricsRow): void {
    this.events.add(row, Date.now() / 1000);
  }

  close(status?: EndStatus): void {
    this.events.close(status, Date.now() / 1000);
  }
}
