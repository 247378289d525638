import { describe, expect, it } from 'vitest';
import { ruleFor } from './support.js';

describe('legal ranges', () => {
  it.each([
    [{ rule: 'trimmed-mean', f: 3 }, 6, 'invalid trimmed-mean: f = 3 needs 2f < n, but n = 6'],
    [{ rule: 'mda', f: 4 }, 8, 'invalid mda: f = 4 needs 2f < n, but n = 8'],
    [{ rule: 'krum', f: 2 }, 6, 'invalid krum: f = 2 needs 2f + 2 < n, but n = 6'],
    [{ rule: 'krum', f: 3, neighbours: 'n-f-1' }, 6, 'invalid krum: f = 3 needs 2f < n, but n = 6'],
    [{ rule: 'multi-krum', f: 1, m: 7 }, 6, 'invalid multi-krum: m = 7 needs m <= n, but n = 6'],
    [{ rule: 'bulyan', f: 2 }, 10, 'invalid bulyan: f = 2 needs n >= 4f + 3, but n = 10'],
    [{ rule: 'monna', reference: 7 }, 6, 'invalid monna: reference = 7 needs an id <= n, but n = 6'],
    [
      { rule: 'smea', f: 15 },
      40,
      'invalid smea: f = 15 of n = 40 leaves too many subsets (more than 1000000)',
    ],
    [
      { rule: 'geometric-median', steps: 3, tolerance: 0.1 },
      6,
      'invalid geometric-median: steps = 3 and tolerance = 0.1 exclude each other',
    ],
    [
      { rule: 'mean', meta: [{ rule: 'ctma', f: 1, lambda: 0.2 }] },
      6,
      'invalid ctma: lambda = 0.2 and f = 1 exclude each other',
    ],
    [
      { rule: 'centered-clipping', start: 'mean', tie: 'upper' },
      6,
      'invalid centered-clipping: tie = upper needs start = cwmed',
    ],
    // The rule sees 3 groups of 2.
    [
      { rule: 'trimmed-mean', f: 2, meta: [{ rule: 'bucketing', size: 2 }] },
      6,
      'invalid trimmed-mean: f = 2 needs 2f < n, but n = 3',
    ],
  ])('refuse %j for n = %i', (value, n, message) => {
    expect(() => ruleFor(value, n, 1)).toThrow(message);
  });

  it('refuse groups in which Byzantine messages could be the majority', () => {
    const value = { rule: 'mean', meta: [{ rule: 'bucketing', size: 3 }] };
    expect(() => ruleFor(value, 9, 1, { byzantine: 2 })).toThrow(
      'invalid bucketing: size = 3 needs size <= ⌊n / 2f⌋, but n = 9 and f = 2',
    );
  });
});
