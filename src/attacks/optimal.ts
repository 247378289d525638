import { z } from 'zod';
import { sum, weightedMean } from '../aggregators/arithmetic.js';
import type { Values } from '../base/definition.js';
import type { Vector } from '../compute/vectors/vectors.js';
import { UserError } from '../base/errors.js';
import { defineAttack, type Situation } from './attack.js';

const search = {
  evals: z.int().min(1).max(10_000).default(20).describe('how often the rule is tried'),
  start: z.number().default(0).describe('the first factor'),
  delta: z.number().gt(0).default(10).describe('the first step; doubles while the damage grows'),
  ratio: z.number().gt(0).lt(1).default(0.8).describe('how much shorter steps get after that'),
};

/** A little is enough, with the factor that does this rule the most harm. */
export const optimalLittle = defineAttack({
  name: 'optimal-little',
  summary: "honest mean plus the multiple of the deviation that moves the server's rule most",
  source: 'Shejwalkar & Houmansadr, NDSS 2021; line search of ByzFL',
  parameters: search,
  kind: 'omniscient',
  searches: true,
  create: (parameters) => (situation) => {
    const { vectors, honest, weights } = situation;
    // A total weight of 1 has no sample deviation.
    const { mean, deviation } = honest.moments(weights, sum(weights) > 1 ? 1 : 0);
    const message = (factor: number) => vectors.combine([1, factor], [mean, deviation]);
    return message(mostHarmful('optimal-little', parameters, situation, mean, message));
  },
});

/** -x μ, with the factor x that does this rule the most harm. */
export const optimalEmpire = defineAttack({
  name: 'optimal-empire',
  summary: "minus the multiple of the honest mean that moves the server's rule most",
  source: 'Xie et al., Fall of Empires, UAI 2019; line search of ByzFL',
  parameters: search,
  kind: 'omniscient',
  searches: true,
  create: (parameters) => (situation) => {
    const { vectors, honest, weights } = situation;
    const mean = weightedMean(vectors, honest, weights);
    const message = (factor: number) => vectors.combine([-factor], [mean]);
    return message(mostHarmful('optimal-empire', parameters, situation, mean, message));
  },
});

/** The factor whose message takes the server's rule furthest from the honest mean. @throws UserError without a rule */
function mostHarmful(
  attack: string,
  parameters: Values<typeof search>,
  { vectors, aggregateWith }: Situation,
  mean: Vector,
  message: (factor: number) => Vector,
): number {
  if (!aggregateWith) throw new UserError(`missing aggregator: ${attack} searches against one`);
  return maximize((factor) => {
    const sent = message(factor);
    const aggregate = aggregateWith(sent);
    const harm = vectors.stack([aggregate]).distancesTo(mean)[0];
    vectors.release(sent);
    vectors.release(aggregate);
    return harm;
  }, parameters);
}

/**
 * Line search: from `start`, steps that double while the value grows; from the first that fails on, each step is `ratio`
 * times the one before. Every step goes up from the best point so far.
 */
export function maximize(
  value: (x: number) => number,
  { evals, start, delta, ratio }: Values<typeof search>,
): number {
  let best = start;
  let greatest = value(start);
  let step = delta;
  let expanding = true;
  for (let tried = 1; tried < evals; tried++) {
    const next = value(best + step);
    const better = next > greatest;
    if (better) [best, greatest] = [best + step, next];
    expanding &&= better;
    step *= expanding ? 2 : ratio;
  }
  return best;
}
