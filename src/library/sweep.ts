import { resolve } from 'node:path';
import { builtins } from '../simulation/catalogue.js';
import { makeFolder } from '../results/files.js';
import { readStudy, type Study } from '../study/study.js';
import { loadSweep } from '../sweep/load.js';
import { jobs as jobsKey, neverAborts, requireOptions, type RunOptions } from './options.js';
import { requireData } from './require-data.js';
import { runMissing } from './run-missing.js';
import { sourceOf, type ConfigLike } from './source.js';
import { statesOf, type DataNow } from './sweep-states.js';

export interface SweepOptions extends RunOptions {
  /** Runs at once. Default: what cores and memory allow. */
  jobs?: number;
}

/**
 * Runs what a sweep lacks, in processes beside this one, as `byzsim sweep` does, and reads its runs back. A run that fails has
 * no bearing on others; it is in `unfinished` or `missing` of what is returned, and `notes` say why.
 *
 * @param config a YAML file with a matrix, or what it holds
 * @throws ConfigError where the config is wrong, UserError where something is missing or in the way, and the reason of
 *   the signal when it aborts
 */
export async function sweep(config: ConfigLike, options: SweepOptions = {}): Promise<Study> {
  requireOptions(options, 'sweep', jobsKey, ['onNote']);
  const { overrides = [], out = 'results', backend = 'auto', device = 'auto', threads, jobs } = options;
  const { force = false, signal = neverAborts(), onNote = () => {} } = options;
  const { file, source } = await sourceOf(config);
  const plan = await loadSweep(file, overrides, builtins, { out, source });
  const data: DataNow = new Map();
  const states = await statesOf(plan, builtins, { isForced: () => force, data });
  makeFolder(plan.folder);
  const flags = { backend, device, threads, jobs, force, signal, onNote };
  await runMissing(plan, states, data, flags, async (queue) => {
    onNote(`${queue.length} of ${plan.runs.length} runs to do`);
    await requireData(queue, builtins, { signal, onNote });
    return {
      started: ({ id }) => onNote(`started ${id}`),
      message() {},
      left() {},
      waiting() {},
      ended: ({ id }, { status }) => onNote(`${id}: ${status}`),
      over() {},
      end() {},
    };
  });
  const own = new Set(plan.runs.map(({ folder }) => resolve(folder)));
  const study = readStudy([plan.folder]);
  // Other experiments may have had the same name.
  return { ...study, runs: study.runs.filter(({ path }) => own.has(resolve(path))) };
}
