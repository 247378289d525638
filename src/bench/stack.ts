import seedrandom from 'seedrandom';
import { createAggregator } from '../aggregators/create.js';
import { HostVectors } from '../compute/vectors/host.js';
import { SimdVectors } from '../compute/vectors/simd.js';
import type { Stack, Vector, Vectors } from '../compute/vectors/vectors.js';
import { StateTree } from '../base/state.js';
import { builtins } from '../simulation/catalogue.js';
import { measure, type Timing } from '../base/measure.js';

/** One operation on a stack of m vectors of d numbers. */
export interface StackTiming {
  operation: string;
  m: number;
  d: number;
  /** With the SIMD kernels, on one thread. */
  simd: Timing;
  /** The same in plain TypeScript, where asked for. */
  plain?: Timing;
}

/** What is timed: primitives of the stack, then whole rules. */
const operations: Record<string, (subject: Subject) => Vector | void> = {
  combine: ({ stack, shares }) => stack.combine(shares),
  'mix (m x m)': ({ vectors, stack, shares }) => {
    const mixed = stack.mix(shares.map(() => shares));
    for (let j = 0; j < mixed.size; j++) vectors.release(mixed.row(j));
  },
  distancesTo: ({ stack }) => void stack.distancesTo(stack.row(0)),
  norms: ({ stack }) => void stack.norms(),
  weightedMedian: ({ stack, weights }) => stack.weightedMedian(weights, 'upper'),
  'weightedMedian, real': ({ stack, weights }) =>
    stack.weightedMedian(
      weights.map((weight) => weight * Math.PI),
      'upper',
    ),
  median: ({ stack, weights }) =>
    stack.weightedMedian(
      weights.map(() => 1),
      'lower',
    ),
  trimmedMean: ({ stack }) => stack.trimmedMean(stack.size >> 2),
  meanAroundMedian: ({ stack }) => stack.meanAroundMedian(stack.size - (stack.size >> 2), 'lower'),
  moments: ({ vectors, stack, weights }) => {
    const { mean, deviation } = stack.moments(weights);
    vectors.release(mean);
    return deviation;
  },
  isFinite: ({ vectors, stack }) => void vectors.isFinite(stack.row(0)),
  'ω-CWMed': ({ aggregate }) => aggregate('cwmed'),
  'ω-CWMed + ω-CTMA': ({ aggregate }) => aggregate('cwmed', 'ctma'),
  'ω-RFA': ({ aggregate }) => aggregate('geometric-median'),
  'ω-RFA + ω-CTMA': ({ aggregate }) => aggregate('geometric-median', 'ctma'),
};

interface Subject {
  vectors: Vectors;
  stack: Stack;
  /** Update counts as they are when arrivals are ∝ id². */
  weights: number[];
  shares: number[];
  /** A rule as experiments run it, with its guard against messages that are not finite. */
  aggregate: (rule: string, ...meta: string[]) => Vector;
}

function subjectOf(vectors: Vectors, m: number): Subject {
  const random = seedrandom(`bench ${m}`);
  const draw = () => Float32Array.from({ length: vectors.dimension }, () => random() - 0.5);
  const messages = Array.from({ length: m }, () => vectors.fromHost(draw()));
  const weights = messages.map((_, i) => 1 + (i + 1) ** 2);
  const total = weights.reduce((a, b) => a + b, 0);
  const context = { vectors, workers: m, byzantine: (m - 1) >> 1, lambda: 0.4, random, rules: builtins };
  return {
    vectors,
    stack: vectors.stack(messages),
    weights,
    shares: weights.map((weight) => weight / total),
    aggregate: (rule, ...meta) => {
      const config = { rule, weighted: true, meta: meta.map((name) => ({ rule: name })) };
      return createAggregator(config, { ...context, state: new StateTree() })(messages, weights);
    },
  };
}

/**
 * Times every operation on stacks of `m` vectors of `d` numbers each.
 * @param budget milliseconds for each operation and version
 * @param plain whether to time the plain version too
 */
export async function benchStack(
  m: number,
  d: number,
  budget: number,
  plain: boolean,
): Promise<StackTiming[]> {
  const simd = subjectOf(await SimdVectors.create(d), m);
  const host = plain ? subjectOf(new HostVectors(d, Float32Array), m) : undefined;
  const timings: StackTiming[] = [];
  for (const [operation, act] of Object.entries(operations)) {
    const time = (subject: Subject) =>
      measure(() => {
        const made = act(subject);
        if (made) subject.vectors.release(made);
      }, budget);
    timings.push({ operation, m, d, simd: await time(simd), plain: host && (await time(host)) });
  }
  return timings;
}
