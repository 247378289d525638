import { z } from 'zod';
import { defineMetaAggregator } from '../aggregator.js';
import { ascending, shares, sum } from '../arithmetic.js';
import { byzantineCount, needsMajority } from '../parameters.js';

/**
 * Centered trimmed meta-aggregator: the weighted mean of the messages nearest to the base rule's output. They are kept
 * until their weight reaches (1-λ)Σs, the last one with the weight still missing only; counted by f, they are the n - f
 * nearest. By default λ counts where weights do, f elsewhere.
 */
export const ctma = defineMetaAggregator({
  name: 'ctma',
  title: 'CTMA',
  summary: "mean of the messages nearest to the base rule's output",
  source: 'Fault Tolerant ML, ICML 2024; weighted: Weight for Robustness, NeurIPS 2024, Algorithm 2',
  weighted: true,
  parameters: {
    lambda: z
      .number()
      .min(0)
      .lt(0.5)
      .optional()
      .describe('λ: which fraction of the weight is trimmed (default: the configured fraction, if weighted)'),
    f: byzantineCount,
  },
  check(parameters, context) {
    const { lambda, f } = parameters;
    if (lambda !== undefined && f !== undefined) return `lambda = ${lambda} and f = ${f} exclude each other`;
    if (lambda !== undefined && lambda >= 0.5) return `lambda = ${lambda} needs lambda < 0.5`;
    return lambda === undefined && (f !== undefined || !context.weighted)
      ? needsMajority(parameters, context)
      : undefined;
  },
  robustness: ({ lambda: trimmed }, lambda, base) =>
    (trimmed ?? lambda) >= lambda ? 60 * (trimmed ?? lambda) * (1 + base) : undefined,
  create({ lambda, f }, context) {
    const fraction = lambda ?? (f === undefined && context.weighted ? context.lambda : undefined);
    return {
      around(raw, weights, center, round) {
        const nearest = ascending(raw.distancesTo(center));
        const kept = new Array<number>(raw.size).fill(0);
        if (fraction === undefined) {
          for (const i of nearest.slice(0, raw.size - round.f)) kept[i] = weights[i];
        } else {
          const total = sum(weights);
          let missing = (1 - fraction) * total;
          for (const i of nearest) {
            kept[i] = Math.min(weights[i], missing);
            missing -= kept[i];
            // What rounding leaves over is no weight: the next message may be as large as it likes.
            if (missing <= total * weights.length * Number.EPSILON) break;
          }
        }
        return raw.combine(shares(kept));
      },
    };
  },
});
