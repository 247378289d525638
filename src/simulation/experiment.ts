import { createAggregator } from '../aggregators/index.js';
import { attacks } from '../attacks/index.js';
import type { Compute } from '../compute/compute.js';
import type { Vectors } from '../compute/vectors/vectors.js';
import type { Config } from '../config/config.js';
import { BatchStream } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import { ExperimentError } from '../errors.js';
import { initialValues, type Model } from '../models/model.js';
import { createOptimizer } from '../workers/index.js';
import { createArrivals } from './arrivals.js';
import { runAsync, type AsyncExperiment, type Attack, type RunOptions } from './async.js';
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
  const aggregate = createAggregator(config.aggregator, {
    vectors,
    workers: config.workers,
    byzantine: config.byzantine.count,
    lambda: config.byzantine.lambda,
    random: stream('aggregator'),
  });
  const attack = createAttack(config, vectors, stream('attack'));
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
      aggregate,
    }),
    { keepIterates: model.name === 'quadratic', ...options },
  );
}

function createAttack(config: Config, vectors: Vectors, random: () => number): Attack {
  const { attack: name, ...parameters } = config.byzantine.attack;
  const definition = attacks.get(name)!;
  if (definition.kind === 'estimator') return definition;
  const craft = definition.create(parameters);
  return {
    kind: 'omniscient',
    message(honest, weights, byzantineWeight) {
      if (honest.length === 0) throw new ExperimentError('the run diverged: no honest message is finite');
      return vectors.scope(() =>
        craft({
          vectors,
          honest: vectors.stack(honest),
          weights,
          byzantine: config.byzantine.count,
          byzantineWeight,
          random,
        }),
      );
    },
  };
}
