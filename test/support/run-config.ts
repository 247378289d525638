import { createCompute } from '../../src/compute/create.js';
import { chooseEngine, type Backend } from '../../src/compute/engine.js';
import { loadConfig } from '../../src/config/load.js';
import { readTrace } from '../../src/config/trace.js';
import { loadDataset } from '../../src/data/index.js';
import { models } from '../../src/models/index.js';
import { runExperiment } from '../../src/simulation/experiment.js';
import type { Row } from '../../src/simulation/tally.js';

/** Runs a config file's first seed without the command line, and returns its rows. */
export async function runConfig(
  file: string,
  { overrides = [] as string[], backend = 'cpu' as Backend, threads = 1 } = {},
): Promise<Row[]> {
  const { config } = await loadConfig(file, overrides);
  const dataset = await loadDataset(config.dataset);
  const model = models.get(config.model.name)!.build(config.model, dataset);
  const chosen = await chooseEngine({ backend, device: 'cpu' });
  const compute = await createCompute(chosen, { config: config.model, built: model }, dataset, threads);
  const trace = config.arrival.process === 'trace' ? await readTrace(config.arrival.file) : undefined;
  const rows: Row[] = [];
  try {
    for await (const row of runExperiment(config, { seed: config.seeds[0], dataset, model, compute, trace }))
      rows.push(row);
  } finally {
    await compute.close();
  }
  return rows;
}
