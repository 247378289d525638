import { z } from 'zod';
import { normal, shuffle, type Random } from '../../base/random.js';
import { deal, defineSplit } from './split.js';

/** Each label is dealt out in proportions drawn from a Dirichlet distribution: the smaller α, the fewer have most of it. */
export const dirichlet = defineSplit({
  name: 'dirichlet',
  title: 'Dirichlet',
  summary: 'each label in proportions drawn from a Dirichlet distribution',
  source: 'Hsu, Qi and Brown, Measuring the Effects of Non-Identical Data Distribution, 2019',
  parameters: {
    dirichlet: z.number().min(1e-3).max(1e6).describe('α: large for even shares, small for uneven ones'),
  },
  remedy: 'a larger α',
  create({ dirichlet: alpha }, { labels, classes }, workers, random) {
    const shards = Array.from({ length: workers }, (): Uint32Array[] => []);
    for (let label = 0; label < classes; label++) {
      const own = Uint32Array.from([...labels.keys()].filter((index) => labels[index] === label));
      shuffle(own, random);
      const shares = shards.map(() => gammaDraw(alpha, random));
      deal(own, shares).forEach((piece, worker) => shards[worker].push(piece));
    }
    return shards.map((pieces) => Uint32Array.from(pieces.flatMap((piece) => [...piece])));
  },
});

/** A draw from the gamma distribution of this shape (Marsaglia and Tsang, 2000); never 0. */
function gammaDraw(shape: number, random: Random): number {
  // Of a shape below 1 by one of a shape above; in logarithms, as u^(1/α) has no room below.
  if (shape < 1) {
    const log = Math.log(gammaDraw(shape + 1, random)) + Math.log1p(-random()) / shape;
    return Math.max(Math.exp(log), Number.MIN_VALUE);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log1p(-random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
