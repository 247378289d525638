import { z } from 'zod';
import { sum, wholeAtMost } from '../aggregators/arithmetic.js';
import { defineAttack } from './attack.js';
import { normalQuantile } from './normal-quantile.js';

/** A little is enough: the honest mean, shifted in every coordinate by as many deviations as robust rules let pass. */
export const little = defineAttack({
  name: 'little',
  synonyms: ['alie', 'a-little-is-enough'],
  summary: 'honest mean shifted by a few deviations (ALIE)',
  source: 'Baruch et al., NeurIPS 2019; by weight: Weight for Robustness, NeurIPS 2024',
  parameters: {
    factor: z.number().optional().describe('τ in μ + τ σ (default: μ - z σ, with z from the weights)'),
    deviation: z
      .enum(['sample', 'population'])
      .optional()
      .describe('σ with 1/(m - 1) or 1/m (default: population, or sample if a factor is given)'),
  },
  // The published synchronous code estimates from workers, the asynchronous one from weights.
  defaults: ({ deviation }, { weighted }) =>
    weighted || deviation ? undefined : { deviation: 'sample' as const },
  kind: 'omniscient',
  create({ factor, deviation = factor === undefined ? 'population' : 'sample' }) {
    return ({ vectors, honest, weights, byzantineWeight }) => {
      const total = sum(weights);
      // A total weight of 1 has no sample deviation.
      const correction = deviation === 'sample' && total > 1 ? 1 : 0;
      const moments = honest.moments(weights, correction);
      const shift = factor ?? -supportedShift(total, byzantineWeight);
      return vectors.combine([1, shift], [moments.mean, moments.deviation]);
    };
  },
});

/**
 * z = Φ⁻¹((honest - k)/honest) with k = ⌊total/2 + 1⌋ - byzantine: as many deviations as leave k of the honest weight
 * beyond the message, which makes a majority with the Byzantine weight. Where all or none of the honest weight is needed
 * (z = ∓∞) half a unit of it counts as such.
 */
function supportedShift(honest: number, byzantine: number): number {
  const needed = wholeAtMost((honest + byzantine) / 2 + 1) - byzantine;
  const share = (honest - needed) / honest;
  const least = Math.min(0.5, 0.5 / honest);
  return normalQuantile(share <= 0 ? least : share >= 1 ? 1 - least : share);
}
