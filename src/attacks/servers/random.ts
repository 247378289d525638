import { z } from 'zod';
import { normal } from '../../base/random.js';
import { defineServerAttack } from './server-attack.js';

/** Independent normal coordinates in place of a model, new in every step. */
export const randomModel = defineServerAttack({
  name: 'random',
  title: 'random servers',
  synonyms: ['gaussian', 'noise'],
  summary: 'independent normal coordinates, new in every step',
  source: 'El Mhamdi et al., Genuinely Distributed Byzantine Machine Learning, PODC 2020',
  parameters: {
    deviation: z.number().positive().default(1).describe('of every coordinate, around 0'),
  },
  kind: 'model',
  create:
    ({ deviation }) =>
    ({ vectors, random }) =>
      vectors.fromHost(Float64Array.from({ length: vectors.dimension }, () => deviation * normal(random))),
});
