import { expect, test } from 'vitest';
import { labels } from '../support/labels.js';

test.each([
  ['aggregator.epsilon', 0.1, 'ε = 0.1'],
  ['aggregator.meta.0.lambda', 2 / 9, 'λ = 0.222222'],
  ['optimizer.learningRate', 0.3, 'learning rate = 0.3'],
  ['byzantine.count', 4, 'Byzantine workers = 4'],
  ['aggregator.of', 'geometric-median', 'GM'],
  ['aggregator.meta', 'nnm+ctma', 'NNM + CTMA'],
  ['aggregator.weighted', false, 'unweighted'],
  ['dataset.idx', '/data/letters', 'letters'],
])('%s of %s is written as %s', (path, value, written) => {
  expect(labels.value(path, value)).toBe(written);
});
