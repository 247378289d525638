import { z } from 'zod';
import { defineServerAttack } from './server-attack.js';

/**
 * To receivers of odd ids μ + a(σ + b), to those of even ids μ - a(σ + b), with μ and σ (1/n) the mean and the deviation
 * of the correct servers' models of the step, per coordinate: it pulls the two halves apart.
 */
export const split = defineServerAttack({
  name: 'split',
  title: 'split servers',
  synonyms: ['equivocation', 'partition'],
  summary: 'μ + a(σ + b) to receivers of odd ids, μ - a(σ + b) to the others, of the correct models',
  source: "chosen here, after Baruch et al., NeurIPS 2019, to pull the receivers' models apart",
  parameters: {
    factor: z.number().positive().default(1).describe('a, in deviations of the correct models'),
    floor: z.number().min(0).default(0.1).describe('b, added to every deviation: they begin at 0'),
  },
  kind: 'model',
  perReceiver: true,
  create:
    ({ factor, floor }) =>
    ({ vectors, correct, receiver }) => {
      const { mean, deviation } = correct.moments(new Array<number>(correct.size).fill(1));
      const ones = vectors.fromHost(new Float64Array(vectors.dimension).fill(1));
      const shift = receiver % 2 === 1 ? factor : -factor;
      return vectors.combine([1, shift, shift * floor], [mean, deviation, ones]);
    },
});
