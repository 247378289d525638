import { expect, it } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { ruleFor } from './support.js';

it.each([[undefined], [['ctma']], [['nnm']], [['nnm', 'ctma']]])(
  'is the median, to the bit, where n = 2f + 1: meta %j',
  (meta) => {
    const random = randomStream(4, 'trimmed-mean');
    const rows = Array.from({ length: 17 }, () => Array.from({ length: 40 }, () => random() - 0.5));
    const [trimmed, median] = ['trimmed-mean', 'cwmed'].map((rule) =>
      ruleFor({ rule, ...(meta && { meta }) }, 17, 40, { byzantine: 8 })(rows),
    );
    expect(trimmed).toEqual(median);
  },
);
