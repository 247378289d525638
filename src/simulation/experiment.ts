import type { CleanInputs } from '../aggregators/arrivals/arrival-rule.js';
import { createAggregator } from '../aggregators/create.js';
import { createAttack } from '../attacks/create.js';
import { UserError } from '../base/errors.js';
import { pick } from '../base/mapping.js';
import { randomStream, type Random } from '../base/random.js';
import { StateTree } from '../base/state.js';
import type { Compute } from '../compute/compute.js';
import type { Profile, Section } from '../compute/profile.js';
import type { Vector } from '../compute/vectors/vectors.js';
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
import { Receiver } from './receiver.js';
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
  /** What the classes of these data are called, where the data say so. */
  classes?: readonly string[];
  /** How many training inputs the server keeps for itself, the first ones, where its rule asks for some. */
  cleanInputs?: number;
  /** What the run has found out by itself so far, for meta.json. */
  found: () => Readonly<Record<string, unknown>> | undefined;
  /** Plays it out. @throws EndedEarly when it cannot go on */
  rows: (options?: DriveOptions) => AsyncGenerator<Row, void>;
}

/**
 * Makes one run of a config. Every random draw comes from a stream named by its purpose and the seed.
 * @throws UserError where the split of the data, or what the server keeps of them, leaves a worker without any
 */
export function createExperiment(config: ExperimentConfig, inputs: RunInputs): Experiment {
  const { catalogue, compute, model } = inputs;
  const state = new StateTree();
  const mode = catalogue.modes.get(config.mode)!;
  const weights = new ByzantineWeightWatch(config, state);
  const clean = cleanInputs(config, inputs);
  const shards = createShards(config, inputs, clean?.inputs);
  const simulation = mode.create(
    parametersOf(config, mode),
    createParts(config, inputs, mode, { shards, clean }, state, weights),
  );
  const made = state.remember('steps', 0);
  const evaluations = state.remember<UnderWay[]>('evaluations', []);
  return {
    state,
    byzantineWeight: () => weights.summary(),
    shards: shards && describeShards(shards, labelled(inputs.dataset)),
    classes: shards && inputs.dataset.classNames,
    cleanInputs: clean?.inputs,
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

/** The rule of a config, with its own parameters, if it takes messages one by one. */
function arrivalRuleOf({ aggregator }: ExperimentConfig, { catalogue }: RunInputs) {
  const definition = catalogue.arrivalRules.get(aggregator.rule);
  return definition && { definition, parameters: pick(aggregator, Object.keys(definition.parameters)) };
}

/** What the server keeps of the training split. @throws UserError where that leaves nothing */
function cleanInputs(config: ExperimentConfig, inputs: RunInputs): CleanInputs | undefined {
  const rule = arrivalRuleOf(config, inputs);
  const clean = rule?.definition.clean?.(rule.parameters);
  const { count } = inputs.dataset.train;
  if (clean && clean.inputs >= count)
    throw new UserError(
      `invalid aggregator.inputs: ${clean.inputs} (the server keeps so many of the ${count.toLocaleString('en')} training inputs; expected fewer)`,
    );
  return clean;
}

/** The training inputs of every worker, if they are split, but for the first ones, which the server keeps. */
function createShards(
  { split, workers }: ExperimentConfig,
  { seed, catalogue, dataset }: RunInputs,
  kept = 0,
): Uint32Array[] | undefined {
  if (split === undefined) return undefined;
  const [name] = typeof split === 'string' ? [split] : Object.keys(split);
  const parameters = typeof split === 'string' ? {} : split;
  const definition = catalogue.splits.get(name)!;
  const shards = definition
    .create(parameters, labelled(dataset), workers, randomStream(seed, 'split'))
    .map((shard) => shard.filter((index) => index >= kept));
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
  { shards, clean }: Divided,
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
    const all = start('', clean && range(clean.inputs, dataset.train.count));
    return () => all.next();
  }
  const own = shards.map((inputs, worker) => start(`/${worker + 1}`, inputs));
  return (worker) => own[worker].next();
}

/** The training split as it is divided among workers and the server. */
interface Divided {
  /** Of each worker; absent: all workers draw from one stream. */
  shards?: readonly Uint32Array[];
  /** Of the server, which workers do not draw. */
  clean?: CleanInputs;
}

/** from, …, to - 1 */
function range(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, k) => from + k);
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
  divided: Divided,
  state: StateTree,
  weights: ByzantineWeightWatch,
): Parts {
  const { seed, catalogue, dataset, model, compute, profile } = inputs;
  const { vectors } = compute;
  const { workers, byzantine } = config;
  const timed = <A extends unknown[], T>(section: Section, body: (...given: A) => T) =>
    profile ? (...given: A) => profile.time(section, () => body(...given)) : body;
  const stream = (purpose: string) => randomStream(seed, purpose, state.within('random'));

  const drawBatch = createBatches(config, dataset, divided, stream, state);
  const arrivalRule = arrivalRuleOf(config, inputs);
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
    aggregate: arrivalRule ? undefined : aggregator('attack/aggregator'),
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

  const serverOptimizer = (prefix = '') => {
    const own = optimizer.server(vectors, start);
    const statistics = new RunningStatistics(initialValues(model.statistics, () => 0));
    state.register(`${prefix}server`, own);
    state.register(`${prefix}statistics`, statistics);
    return { optimizer: own, move: timed('server', (step: Vector) => own.step(step)), statistics };
  };
  const receiver = ({ definition, parameters }: NonNullable<typeof arrivalRule>) => {
    const { clean } = divided;
    const receive = definition.create(parameters, {
      workers,
      byzantine: byzantine.count,
      lambda: byzantine.lambda,
      dimension: vectors.dimension,
      state: state.within('aggregator'),
    });
    return new Receiver(vectors, {
      workers,
      ...serverOptimizer(),
      receive: timed('aggregation', receive),
      learningRate: (step) => stepRule.learningRate(step),
      usesOrigin: definition.usesOrigin ?? false,
      clean: clean && {
        every: clean.every,
        gradient: async (at) => {
          const gradient = await compute.gradient(at, { indices: range(0, clean.inputs) }, 'true');
          return gradient.vector;
        },
      },
      state,
    });
  };

  return {
    workers,
    byzantine: byzantine.count,
    batchSize: config.batchSize,
    passSize: dataset.train.count - (divided.clean?.inputs ?? 0),
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
      return new Server(vectors, {
        name,
        ...serverOptimizer(prefix),
        aggregate: weights.watch(timed('aggregation', aggregator(`${prefix}aggregator`))),
      });
    },
    createReceiver: arrivalRule && (() => receiver(arrivalRule)),
    state,
    measure: (section, body) => (profile ? profile.time(section, body) : body()),
  };
}
