import { normal, type Random } from '../base/random.js';

/** Weighted vectors, of which those of a set G stay as they are; the others are an adversary's. */
export interface Case {
  /** m vectors of d numbers. */
  vectors: Float64Array[];
  weights: readonly number[];
  /** G, by index; at least (1 - λ) of the weight. The adversary's vectors come after them. */
  honest: number;
}

/** How honest vectors lie. The worst for a median are few places; tails and single coordinates are the worst for others. */
const shapes: readonly ((d: number, random: Random) => () => Float64Array)[] = [
  (d, random) => () => Float64Array.from({ length: d }, () => normal(random)),
  (d, random) => () => Float64Array.from({ length: d }, () => normal(random) / (random() + 1e-3)),
  (d, random) => {
    const places = [0, 1].map(() => Float64Array.from({ length: d }, () => normal(random)));
    const share = random();
    return () => places[random() < share ? 0 : 1].slice();
  },
  (d, random) => () => Float64Array.from({ length: d }, () => (random() < 0.5 ? -1 : 1)),
  (d, random) => () => {
    const vector = new Float64Array(d);
    vector[Math.floor(random() * d)] = 1;
    return vector;
  },
];

const mostHonest = 12;
const mostByzantine = 6;
const mostDimensions = 6;

/**
 * Draws a case in which the adversary has the part λ of the weight, to rounding, or as near below it as whole messages
 * allow where weights do not count. Its vectors are all 0 at first.
 *
 * @param lambda in [0, 0.5)
 */
export function drawCase(lambda: number, weighted: boolean, random: Random): Case {
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const d = random() < 0.3 ? 1 : upTo(mostDimensions);
  const { honest, byzantine } = weighted ? drawWeights(lambda, upTo, random) : drawCounts(lambda, upTo);
  const draw = shapes[Math.floor(random() * shapes.length)](d, random);
  return {
    vectors: [...honest.map(draw), ...byzantine.map(() => new Float64Array(d))],
    weights: [...honest, ...byzantine],
    honest: honest.length,
  };
}

interface Weights {
  honest: number[];
  byzantine: number[];
}

function drawWeights(lambda: number, upTo: (most: number) => number, random: Random): Weights {
  const spread = random() < 0.3 ? 0 : 3 * random();
  const draw = (count: number) => Array.from({ length: count }, () => Math.exp(spread * normal(random)));
  const honest = draw(upTo(mostHonest));
  if (lambda === 0) return { honest, byzantine: [] };
  const byzantine = draw(upTo(mostByzantine));
  // A little less than λ, so that no rounding makes it more.
  const share = (1 - 1e-9) * (lambda / (1 - lambda)) * (total(honest) / total(byzantine));
  return { honest, byzantine: byzantine.map((weight) => weight * share) };
}

function drawCounts(lambda: number, upTo: (most: number) => number): Weights {
  const m = upTo(mostHonest + mostByzantine);
  const f = Math.floor(lambda * m + 1e-9);
  return { honest: new Array<number>(m - f).fill(1), byzantine: new Array<number>(f).fill(1) };
}

/** |A - x̄_G|² / ρ²; infinite where G has no spread and A is elsewhere, to rounding. */
export function damage({ vectors, weights, honest }: Case, aggregate: ArrayLike<number>): number {
  const good = vectors.slice(0, honest);
  const sum = total(weights.slice(0, honest));
  const mean = Float64Array.from(aggregate, (_, k) =>
    good.reduce((terms, vector, i) => terms + (weights[i] / sum) * vector[k], 0),
  );
  const spread = good.reduce(
    (terms, vector, i) => terms + (weights[i] / sum) * squaredDistance(vector, mean),
    0,
  );
  const error = squaredDistance(aggregate, mean);
  const size = Math.max(...good.map((vector) => squaredDistance(vector, new Float64Array(vector.length))));
  // What is left of rounding, and of iterations to a tolerance, is no error.
  if (error <= 1e-12 * (size + spread)) return 0;
  return spread <= 1e-20 * size ? Infinity : error / spread;
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
