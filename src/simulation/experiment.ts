import { createAggregator } from '../aggregators/index.js';
import { createAttack } from '../attacks/index.js';
import type { Compute } from '../compute/compute.js';
import type { Config } from '../config/config.js';
import { BatchStream } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import { initialValues, type Model } from '../models/model.js';
import { createOptimizer } from '../workers/index.js';
import { createArrivals } from './arrivals.js';
import { runAsync, type AsyncExperiment, type RunOptions } from './async.js';
import { RunningStatistics } from './statistics.js';
import { randomStream } from './streams.js';
import type { Row } from './tally.js';

/** What one run is made from, besides its config. */
export interface RunInputs {
  seed: number;
  dataset: Dataset;
  model: Model;
  compute: Compute;
  /** 0-based workers in order of arrival, for `arrival: {trace}`. */
  trace?: readonly number[];
  /** Wraps what the run is made of, to observe it. */
  observe?: (experiment: AsyncExperiment) => AsyncExperiment;
}

/**
 * Plays out one run of a config. Every random draw comes from a stream named by its purpose and the seed.
 * Yields a row an evaluation. @throws ExperimentError when the model diverges
 */
export function runExperiment(
  config: Config,
  inputs: RunInputs,
  options: RunOptions = {},
): AsyncGenerator<Row, void> {
  const { seed, dataset, model, compute, observe = (experiment) => experiment } = inputs;
  const { vectors } = compute;
  const stream = (purpose: string) => randomStream(seed, purpose);
  const batches = new BatchStream(dataset, config.batchSize, stream('batches'), stream('augmentation'));
  const aggregator = (purpose: string) =>
    createAggregator(config.aggregator, {
      vectors,
      workers: config.workers,
      byzantine: config.byzantine.count,
      lambda: config.byzantine.lambda,
      random: stream(purpose),
    });
  const attack = createAttack(config.byzantine.attack, {
    vectors,
    byzantine: config.byzantine.count,
    random: stream('attack'),
    // The attackers' own copy: a rule may remember what it aggregated.
    aggregate: aggregator('attack/aggregator'),
  });
  const start = config.initial ?? initialValues(model.parameters, stream('initialization'));
  return runAsync(
    observe({
      workers: config.workers,
      byzantine: config.byzantine.count,
      updates: config.updates,
      evaluateEvery: config.evaluate.every,
      passSize: dataset.train.count,
      compute,
      optimizer: createOptimizer(config.optimizer),
      arrivals: createArrivals(config, stream('arrivals'), inputs.trace),
      attack,
      start: vectors.fromHost(start),
      statistics: new RunningStatistics(initialValues(model.statistics, () => 0)),
      drawBatch: () => batches.next(),
      aggregate: aggregator('aggregator'),
    }),
    { keepIterates: model.name === 'quadratic', ...options },
  );
}
