import { placed } from '../base/explain.js';
import { describeResult, type Reporter } from '../run/reporter.js';
import { runSeeds } from '../run/run-seeds.js';
import { builtins } from '../simulation/catalogue.js';
import type { MetricsRow } from '../simulation/columns.js';
import { readStudy } from '../study/study.js';
import type { StudyRun } from '../study/study-run.js';
import { loadConfig } from '../sweep/load.js';
import { neverAborts, requireOptions, type RunOptions } from './options.js';
import { sourceOf, type ConfigLike } from './source.js';

export interface SeedOptions extends RunOptions {
  /** Told every evaluation as it is made. */
  onRow?: (row: MetricsRow, seed: number) => void;
}

/**
 * Runs every seed of an experiment that is not done yet, in this process, into its run folders, as `byzsim run` does.
 *
 * @param config a YAML file, or what it holds
 * @returns a run a seed, done or ended early (`summary.status`)
 * @throws ConfigError where the config is wrong, UserError where something is missing or in the way or a module fails, and
 *   the reason of the signal when it aborts
 */
export async function run(config: ConfigLike, options: SeedOptions = {}): Promise<StudyRun[]> {
  requireOptions(options, 'run', {}, ['onNote', 'onRow']);
  const { overrides = [], out = 'results', backend = 'auto', device = 'auto', threads, force } = options;
  const { signal = neverAborts(), onNote = () => {}, onRow = () => {} } = options;
  const { file, source } = await sourceOf(config);
  const loaded = await loadConfig(file, overrides, builtins, { source });
  let seed = 0;
  const reporter: Reporter = {
    note: onNote,
    begin() {},
    update() {},
    evaluated(row) {
      onNote(`seed ${seed}: ${describeResult(row)}`);
      onRow(row, seed);
    },
    progress() {},
    end() {},
  };
  const onInvalid = (of: number, reason: string) => onNote(`seed ${of}: ${reason}: it is run again`);
  const paths: string[] = [];
  [seed] = loaded.config.seeds;
  const flags = { out, backend, device, threads, force, signal, reporter, onInvalid };
  await placed(async () => {
    for await (const { path } of runSeeds(loaded, builtins, flags)) {
      paths.push(path);
      seed = loaded.config.seeds[paths.length];
    }
  });
  return readStudy(paths).runs;
}
