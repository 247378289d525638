import { expect, test } from 'vitest';
import { givenKeys } from '../../src/config/given.js';

test.each([
  [{ workers: 5, aggregator: 'cwmed' }, ['workers', 'aggregator.rule']],
  [{ split: 'extreme' }, ['split']],
  [{ split: { dirichlet: 0.5 } }, ['split', 'split.dirichlet']],
  [{ split: null, mode: 'sync' }, ['mode']],
  [{ dataset: 'mnist', matrix: { seeds: [1] } }, ['dataset']],
])('%j gives %j', (config, keys) => {
  expect(givenKeys(config)).toEqual(keys);
});
