import { z } from 'zod';
import { defineSplit } from '../../src/data/splits/split.js';

export const roundRobin = defineSplit({
  name: 'round-robin',
  title: 'Round robin',
  summary: 'inputs in turn, so many at a time',
  source: 'a test',
  parameters: { 'round-robin': z.int().min(1).describe('how many inputs at a time') },
  create({ 'round-robin': step }, { labels }, workers) {
    const owner = (index: number) => Math.floor(index / step) % workers;
    return Array.from({ length: workers }, (_, worker) =>
      Uint32Array.from([...labels.keys()].filter((index) => owner(index) === worker)),
    );
  },
});
