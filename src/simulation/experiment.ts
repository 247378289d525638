import { createAggregator } from '../aggregators/create.js';
import { createAttack } from '../attacks/create.js';
import { UserError } from '../base/errors.js';
import { randomStream, type Random } from '../base/random.js';
import { StateTree } from '../base/state.js';
import type { Compute } from '../compute/compute.js';
import type { Profile, Section } from '../compute/profile.js';
import { BatchStream } from '../data/batches.js';
import type { Batch, Dataset } from '../data/dataset.js';
import { describeShards, type Labelled, type Shard } from '../data/splits/split.js';
import { initialValues, type Model } from '../models/model.js';
import { StepRule } from '../optimizers/optimizer.js';
import { createArrivals, createDurations } from './arrivals.js';
import { createDelays, type Links } from './byzsgd/delays.js';
import { createServerAttack } from './byzsgd/servers.js';
import { ByzantineWeightWatch, type ByzantineWeight } from './byzantine-weight.js';
import type { Catalogue } from './catalogue.js';
import type { ExperimentConfig } from './config.js';
import { drive, type DriveOptions, type Row, type UnderWay } from './driver.js';
import type { ModeDefinition, Parts } from './mode.js';
import { Server } from './server.js';
import { RunningStatistics } from './statistics.js';

/** What one run is made from, besides its config. */
export interface RunInputs {
  seed: number;
  catalogue: Catalogue;
  dataset: Dataset;
  model: Model;
  compute: Compute;
  /** 0-based workers in order of arrival, for `arrival: {trace}`. */
  trace?: readonly number[];
  /** Delays of the links, for `network: {delay: {links}}`. */
  links?: Links;
  /** Measures what the run is made of. */
  profile?: Profile;
}

/** A run that was made and not begun. */
export interface Experiment {
  /** All that it remembers. A snapshot loaded before the first row is where it goes on. */
  state: StateTree;
  /** How often the Byzantine workers weighed more so far than the rule was told; nothing where it was told nothing. */
  byzantineWeight: () => ByzantineWeight | undefined;
  /** What each worker has, where data are split. */
  shards?: Shard[];
  /** What the run has found out by itself so far, for meta.json. */
  found: () => Readonly<Record<string, unknown>> | undefined;
  /** Plays it out. @throws EndedEarly when it cannot go on */
  rows: (options?: DriveOptions) => AsyncGenerator<Row, void>;
}

/**
 * Makes one run of a config. Every random draw comes from a stream named by its purpose and the seed.
 * @throws UserError where the split of the data leaves a worker without any
 */
export function createExperiment(config: ExperimentConfig, inputs: RunInputs): Experiment {
  const { catalogue, compute, model } = inputs;
  const state = new StateTree();
  const mode = catalogue.modes.get(config.mode)!;
  const weights = new ByzantineWeightWatch(config, state);
  const shards = createShards(config, inputs);
  const simulation = mode.create(
    parametersOf(config, mode),
    createParts(config, inputs, mode, shards, state, weights),
  );
  const made = state.remember('steps', 0);
  const evaluations = state.remember<UnderWay[]>('evaluations', []);
  return {
    state,
    byzantineWeight: () => weights.summary(),
    shards: shards && describeShards(shards, labelled(inputs.dataset)),
    found: () => simulation.found,
    rows: (options) =>
      drive(
        simulation,
        {
          unit: mode.unit,
          made,
          evaluations,
          steps: config.updates,
          evaluateEvery: config.evaluate.every,
          compute,
          state,
        },
        { keepIterates: model.keepsIterates, ...options },
      ),
  };
}

/** Plays out one run of a config and yields a row an evaluation. @throws EndedEarly when it cannot go on */
export function runExperiment(
  config: ExperimentConfig,
  inputs: RunInputs,
  options?: DriveOptions,
): AsyncGenerator<Row, void> {
  return createExperiment(config, inputs).rows(options);
}

/** The training inputs of every worker, if they are split. */
function createShards({ split, workers }: ExperimentConfig, { seed, catalogue, dataset }: RunInputs) {
  if (split === undefined) return undefined;
  const [name] = typeof split === 'string' ? [split] : Object.keys(split);
  const parameters = typeof split === 'string' ? {} : split;
  const definition = catalogue.splits.get(name)!;
  const shards = definition.create(parameters, labelled(dataset), workers, randomStream(seed, 'split'));
  const empty = shards.findIndex(({ length }) => length === 0);
  if (empty >= 0)
    throw new UserError(
      `invalid split: worker ${empty + 1} of ${workers} gets none of the ${dataset.train.count.toLocaleString('en')} training inputs ` +
        `(${typeof split === 'string' ? name : `${name}: ${split[name]}`}, seed ${seed}: take fewer workers${definition.remedy === undefined ? '' : `, ${definition.remedy}`} or another split)`,
    );
  return shards;
}

function labelled({ train, classes }: Dataset): Labelled {
  return { labels: train.labels, classes };
}

/** What workers draw: from one stream all of them, or each from a stream of its shard. */
function createBatches(
  { batchSize }: ExperimentConfig,
  dataset: Dataset,
  shards: readonly Uint32Array[] | undefined,
  stream: (purpose: string) => Random,
  state: StateTree,
): (worker: number) => Batch {
  const start = (suffix: string, inputs?: Uint32Array) => {
    const [order, augmentation] = [stream(`batches${suffix}`), stream(`augmentation${suffix}`)];
    const batches = new BatchStream(dataset, batchSize, order, augmentation, inputs);
    state.register(`batches${suffix}`, batches);
    return batches;
  };
  if (!shards) {
    const all = start('');
    return () => all.next();
  }
  const own = shards.map((inputs, worker) => start(`/${worker + 1}`, inputs));
  return (worker) => own[worker].next();
}

/** The mode's own keys. */
function parametersOf(
  config: ExperimentConfig,
  { parameters, sections = [] }: ModeDefinition,
): Record<string, unknown> {
  const given = config as unknown as Record<string, unknown>;
  return Object.fromEntries([...Object.keys(parameters), ...sections].map((key) => [key, given[key]]));
}

function createParts(
  config: ExperimentConfig,
  inputs: RunInputs,
  mode: ModeDefinition,
  shards: readonly Uint32Array[] | undefined,
  state: StateTree,
  weights: ByzantineWeightWatch,
): Parts {
  const { seed, catalogue, dataset, model, compute, profile } = inputs;
  const { vectors } = compute;
  const { workers, byzantine } = config;
  const timed = <A extends unknown[], T>(section: Section, body: (...given: A) => T) =>
    profile ? (...given: A) => profile.time(section, () => body(...given)) : body;
  const stream = (purpose: string) => randomStream(seed, purpose, state.within('random'));

  const drawBatch = createBatches(config, dataset, shards, stream, state);
  const aggregator = (purpose: string) =>
    createAggregator(config.aggregator, {
      vectors,
      rules: catalogue,
      workers: mode.messages?.(parametersOf(config, mode), workers) ?? workers,
      byzantine: byzantine.count,
      lambda: byzantine.lambda,
      random: stream(purpose),
      state: state.within(purpose),
    });
  const attack = createAttack(byzantine.attack, {
    vectors,
    attacks: catalogue.attacks,
    byzantine: byzantine.count,
    random: stream('attack'),
    state: state.within('attack'),
    // The attackers' own copy: a rule may remember what it aggregated.
    aggregate: aggregator('attack/aggregator'),
  });
  const clocks = {
    clocks: catalogue.clocks,
    random: stream('arrivals'),
    state: state.within('arrivals'),
    trace: inputs.trace,
  };
  const optimizer = catalogue.optimizers.get(config.optimizer.name)!.create(config.optimizer);
  const stepRule = new StepRule(config.optimizer);
  const start = vectors.fromHost(config.initial ?? initialValues(model.parameters, stream('initialization')));

  return {
    workers,
    byzantine: byzantine.count,
    batchSize: config.batchSize,
    passSize: dataset.train.count,
    compute,
    optimizer,
    createArrivals() {
      const arrivals = createArrivals(config, clocks);
      return { next: timed('drawing', () => arrivals.next()) };
    },
    learningRate: (step) => stepRule.learningRate(step),
    createDurations: () => timed('drawing', createDurations(config, clocks)),
    gradientClip: config.gradientClip,
    attack,
    perServer: byzantine.perServer ?? false,
    createServerAttack({ attack, ...parameters }) {
      const definition = catalogue.serverAttacks.get(attack)!;
      return createServerAttack(definition, parameters, { vectors, random: stream('server-attack') });
    },
    createDelays(network, purpose) {
      const random = stream(`delays/${purpose}`);
      return createDelays(network, { clocks: catalogue.clocks, random, links: inputs.links });
    },
    drawBatch: timed('drawing', drawBatch),
    createServer(name) {
      const prefix = name === undefined ? '' : `${name}/`;
      const own = optimizer.server(vectors, start);
      const statistics = new RunningStatistics(initialValues(model.statistics, () => 0));
      state.register(`${prefix}server`, own);
      state.register(`${prefix}statistics`, statistics);
      return new Server(vectors, {
        name,
        aggregate: weights.watch(timed('aggregation', aggregator(`${prefix}aggregator`))),
        optimizer: own,
        move: timed('server', (aggregate) => own.step(aggregate)),
        statistics,
      });
    },
    state,
    measure: (section, body) => (profile ? profile.time(section, body) : body()),
  };
}
