import { z } from 'zod';
import { shuffle, type Random } from '../../base/random.js';
import { byLabel, deal, defineSplit, type Labelled } from './split.js';

/** A part of the data is dealt out evenly at random, the rest in the order of labels. */
export const gamma = defineSplit({
  name: 'gamma',
  title: 'γ-similarity',
  summary: 'a part γ of the data evenly at random, the rest in the order of labels',
  source: 'Hsieh et al., ICML 2020; Karimireddy et al., ICML 2020',
  parameters: {
    gamma: z.number().min(0).max(1).describe('γ: 1 for shards that are alike, 0 for those of extreme'),
  },
  create: ({ gamma }, data, workers, random) => similar(gamma, data, workers, random),
});

/** The most uneven one: in the order of labels, so that a worker has one label or few. */
export const extreme = defineSplit({
  name: 'extreme',
  summary: 'in the order of labels, so that a worker has one label or few',
  parameters: {},
  create: (_, data, workers, random) => similar(0, data, workers, random),
});

function similar(part: number, { labels }: Labelled, workers: number, random: Random): Uint32Array[] {
  const all = Uint32Array.from(labels.keys());
  shuffle(all, random);
  const evenly = new Array<number>(workers).fill(1);
  const mixed = Math.round(part * all.length);
  const alike = deal(all.subarray(0, mixed), evenly);
  const sorted = deal(byLabel(all.subarray(mixed), labels), evenly);
  return alike.map((piece, worker) => Uint32Array.of(...piece, ...sorted[worker]));
}
