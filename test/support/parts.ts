import type { ArrivalRuleDefinition } from '../../src/aggregators/arrivals/arrival-rule.js';
import { arrivalRules } from '../../src/aggregators/arrivals/index.js';
import { aggregators, metaAggregators } from '../../src/aggregators/index.js';
import { createAggregator } from '../../src/aggregators/create.js';
import type { Attack } from '../../src/attacks/create.js';
import { serverAttacks } from '../../src/attacks/servers/index.js';
import { registry } from '../../src/base/definition.js';
import { randomStream } from '../../src/base/random.js';
import { StateTree } from '../../src/base/state.js';
import type { Compute } from '../../src/compute/compute.js';
import { HostVectors } from '../../src/compute/vectors/host.js';
import type { Vector } from '../../src/compute/vectors/vectors.js';
import { createServerAttack } from '../../src/simulation/byzsgd/servers.js';
import { drive, type Drive, type Row, type UnderWay } from '../../src/simulation/driver.js';
import type { ModeDefinition, Parts } from '../../src/simulation/mode.js';
import { Receiver } from '../../src/simulation/receiver.js';
import { Server } from '../../src/simulation/server.js';
import { RunningStatistics } from '../../src/simulation/statistics.js';
import { momentum } from '../../src/optimizers/momentum.js';
import { mu2Sgd } from '../../src/optimizers/mu2-sgd.js';
import { sgd } from '../../src/optimizers/sgd.js';
import type { Optimizer } from '../../src/optimizers/optimizer.js';
import { collect } from './run-config.js';

export const optimizers = {
  sgd: (learningRate: number) => sgd.create({ learningRate }),
  momentum: (learningRate: number, beta: number) => momentum.create({ learningRate, beta }),
  mu2: (learningRate: number, form: 'theory' | 'published') => mu2Sgd.create({ learningRate, form }),
};

export interface FakeSetting {
  /** Samples z, drawn in order and wrapping round; f(x; z) = ½|x - z|², and ½|x + z|² with flipped labels. */
  points: readonly (readonly number[])[];
  workers: number;
  byzantine?: number;
  attack?: Attack;
  /** 1-based workers in order of arrival, at times 1, 2, … */
  arrivals?: readonly number[];
  /** How long each worker takes, round by round. */
  durations?: readonly (readonly number[])[];
  gradientClip?: number;
  /** How long messages take from one node to another, such as s1 and w2; default: no time. */
  delays?: (from: string, to: string) => number;
  perServer?: boolean;
  /** η, where a mode has to know it; default: 0.1. */
  learningRate?: number;
  optimizer: Optimizer;
  /** As in a resolved config. */
  rule?: { rule: string } & Record<string, unknown>;
  start?: readonly number[];
}

/** What a mode is played with, without a config, an engine or data; the vectors are float64. */
export function fakeParts(setting: FakeSetting): Parts {
  const { points, workers, byzantine = 0, optimizer, rule = { rule: 'mean' } } = setting;
  const { arrivals = [1], durations = [points.slice(0, workers).map(() => 1)] } = setting;
  const vectors = new HostVectors(points[0].length, Float64Array);
  const state = new StateTree();
  const drawn = state.remember('drawn', 0);
  const arrived = state.remember('arrived', 0);
  const round = state.remember('round', 0);
  const start = vectors.fromHost(setting.start ?? points[0].map(() => 0));
  const compute = fakeCompute(vectors, points);
  const server = (path: string) => {
    const own = optimizer.server(vectors, start);
    state.register(path, own);
    const statistics = new RunningStatistics(new Float32Array(0));
    return { optimizer: own, move: (by: Vector) => own.step(by), statistics };
  };
  const oneByOne = registry(arrivalRules).get(rule.rule);
  const receiver = (definition: ArrivalRuleDefinition) => {
    const clean = definition.clean?.(rule);
    const receive = definition.create(rule, { workers, byzantine, lambda: byzantine / workers, state });
    return new Receiver(vectors, {
      workers,
      receive,
      ...server('server'),
      learningRate: () => setting.learningRate ?? 0.1,
      usesOrigin: definition.usesOrigin ?? false,
      clean: clean && {
        every: clean.every,
        gradient: async (model) =>
          (await compute.gradient(model, { indices: Uint32Array.of(0) }, 'true')).vector,
      },
      state,
    });
  };
  return {
    workers,
    byzantine,
    batchSize: 1,
    passSize: points.length,
    compute,
    optimizer,
    learningRate: () => setting.learningRate ?? 0.1,
    perServer: setting.perServer ?? false,
    createServerAttack: ({ attack, ...parameters }) =>
      createServerAttack(registry(serverAttacks).get(attack)!, parameters, {
        vectors,
        random: randomStream(1, 'server-attack'),
      }),
    createDelays: () => setting.delays ?? (() => 0),
    measure: (_, body) => body(),
    attack: setting.attack ?? { kind: 'estimator', labels: 'true', sign: 1 },
    createArrivals: () => ({
      next: () => ({ worker: arrivals[arrived.value++ % arrivals.length] - 1, time: arrived.value }),
    }),
    createDurations: () => () => [...(durations[round.value++ % durations.length] ?? [])],
    gradientClip: setting.gradientClip,
    drawBatch: () => ({ indices: Uint32Array.of(drawn.value++ % points.length) }),
    createServer(name?: string) {
      const path = name ?? 'server';
      const aggregate = createAggregator(
        { weighted: true, meta: [], ...rule },
        {
          vectors,
          rules: { aggregators: registry(aggregators), metaAggregators: registry(metaAggregators) },
          workers,
          byzantine,
          lambda: byzantine / workers,
          random: Math.random,
          state: state.within(`${path}/rule`),
        },
      );
      return new Server(vectors, { name, aggregate, ...server(path) });
    },
    createReceiver: oneByOne && (() => receiver(oneByOne)),
    state,
  };
}

function fakeCompute(vectors: HostVectors, points: readonly (readonly number[])[]): Compute {
  const difference = (x: Vector, z: readonly number[]) => {
    const values = vectors.toHost(x);
    return Array.from(values, (value, k) => value - z[k]);
  };
  const half = (d: readonly number[]) => d.reduce((sum, value) => sum + value * value, 0) / 2;
  return {
    description: { backend: 'fake', device: 'cpu', version: '', threads: 1, reason: '' },
    vectors,
    async gradient(x, { indices: [index] }, labels) {
      const target = labels === 'true' ? points[index] : points[index].map((value) => -value);
      const d = difference(x, target);
      return { loss: half(d), vector: vectors.fromHost(d), statistics: new Float32Array(0) };
    },
    async evaluate(x) {
      const losses = points.map((z) => half(difference(x, z)));
      return { loss: losses.reduce((a, b) => a + b, 0) / losses.length, accuracy: undefined };
    },
    async close() {},
  };
}

/** What a driver remembers itself. */
export function progressOf(state: StateTree): Pick<Drive, 'made' | 'evaluations'> {
  return { made: state.remember('steps', 0), evaluations: state.remember<UnderWay[]>('evaluations', []) };
}

/** The rows of so many steps of a mode, evaluated after each (or every `evaluateEvery`), with the models. */
export function play(
  mode: ModeDefinition,
  parts: Parts,
  steps: number,
  { evaluateEvery = 1, parameters = {} as Record<string, unknown> } = {},
): Promise<Row[]> {
  const { state, compute } = parts;
  const simulation = mode.create(parameters, parts);
  const plan = { unit: mode.unit, ...progressOf(state), steps, evaluateEvery, compute, state };
  return collect(drive(simulation, plan, { keepIterates: true }));
}
