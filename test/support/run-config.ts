import { createCompute } from '../../src/compute/create.js';
import type { Backend } from '../../src/compute/engine.js';
import { chooseEngine } from '../../src/compute/engines.js';
import { loadConfig } from '../../src/sweep/load.js';
import { loadLinks } from '../../src/config/links.js';
import { readTrace } from '../../src/config/trace.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { isTrace } from '../../src/simulation/arrivals.js';
import { linksOf } from '../../src/simulation/byzsgd/config.js';
import type { Row } from '../../src/simulation/driver.js';
import { createExperiment, type Experiment } from '../../src/simulation/experiment.js';

export interface RunSettings {
  overrides?: string[];
  backend?: Backend;
  threads?: number;
  catalogue?: typeof builtins;
}

/** Makes the run of a config file's first seed without the command line, and hands it to `body`. */
export async function withExperiment<T>(
  file: string,
  body: (experiment: Experiment) => Promise<T>,
  { overrides = [], backend = 'cpu', threads = 1, catalogue = builtins }: RunSettings = {},
): Promise<T> {
  const { config } = await loadConfig(file, overrides, catalogue);
  const dataset = await catalogue.datasets.get(config.dataset.name)!.load(config.dataset, {});
  const definition = catalogue.models.get(config.model.name)!;
  const model = definition.create(config.model, dataset);
  const chosen = await chooseEngine({ backend, device: 'cpu' });
  const compute = await createCompute(chosen, { config: config.model, built: model }, dataset, threads);
  const linksFile = linksOf(config.network);
  const links = linksFile === undefined ? undefined : (await loadLinks(linksFile)).links;
  const trace = isTrace(config.arrival) ? await readTrace(config.arrival.file) : undefined;
  try {
    return await body(
      createExperiment(config, { seed: config.seeds[0], catalogue, dataset, model, compute, trace, links }),
    );
  } finally {
    await compute.close();
  }
}

/** Runs a config file's first seed without the command line, and returns its rows. */
export function runConfig(file: string, settings?: RunSettings): Promise<Row[]> {
  return withExperiment(file, ({ rows }) => collect(rows()), settings);
}

export async function collect(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
