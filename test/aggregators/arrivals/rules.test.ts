import { describe, expect, it } from 'vitest';
import { arrivalRule, type Given } from './support.js';

describe('staleness', () => {
  it('takes weight from stale messages, by a power or an exponential', () => {
    const power = arrivalRule('staleness', 3, 0);
    expect([0, 3, 8].map((staleness) => power({ message: [6], staleness }))).toEqual(
      [6, 3, 2].map((step): unknown[] => [expect.closeTo(step, 12)]),
    );
    const steep = arrivalRule({ rule: 'staleness', a: 1 }, 3, 0);
    expect(steep({ message: [6], staleness: 2 })).toEqual([2]);
    const exponential = arrivalRule({ rule: 'staleness', decay: 'exponential', a: 0.1 }, 3, 0);
    expect(exponential({ message: [6], staleness: 7 })).toEqual([expect.closeTo(6 * Math.exp(-0.7), 12)]);
  });
});

describe('fedbuff', () => {
  it('steps by the mean of every K messages', () => {
    const rule = arrivalRule({ rule: 'fedbuff', size: 3 }, 3, 0);
    const verdicts = [1, 2, 6, 4, 4, -2, 5].map((value) => rule({ message: [value] }));
    expect(verdicts).toEqual(['kept', 'kept', [3], 'kept', 'kept', [2], 'kept']);
  });
});

describe('kardam', () => {
  const at = (worker: number, origin: number, message: number, staleness = 0): Given => ({
    worker,
    origin: [origin],
    message: [message],
    staleness,
  });

  it('refuses what changes faster along the model than most workers do', () => {
    // n = 4, f = 1: slopes up to the ⌈3/4 of those known⌉-th smallest pass.
    const rule = arrivalRule({ rule: 'kardam', alpha: 0 }, 4, 1);
    expect([1, 2, 3, 4].map((worker) => rule(at(worker, 0, 1)))).toEqual([[1], [1], [1], [1]]);
    expect(rule(at(1, 2, 3))).toEqual([3]); // slope 1, the only one
    expect(rule(at(2, 2, 5))).toEqual([5]); // slope 2, of 1 2: rank ⌈1.5⌉ = 2
    expect(rule(at(3, 2, 7))).toEqual([7]); // slope 3, of 1 2 3: rank ⌈2.25⌉ = 3
    expect(rule(at(4, 2, 201))).toBe('refused'); // slope 100, of 1 2 3 100: rank 3
    expect(rule(at(4, 4, 205))).toEqual([205]); // slope 2 from its refused message, of 1 2 2 3: rank 3 is 2
    expect(rule(at(3, 4, 13))).toBe('refused'); // slope 3 of 1 2 2 3: rank 3 is 2
  });

  it('takes the quantile of whole numbers without rounding', () => {
    // n = 35, f = 6: of 35 slopes the 29 smallest pass, though (29/35) · 35 is a little more in floating point.
    const rule = arrivalRule({ rule: 'kardam', alpha: 0 }, 35, 6);
    const ids = Array.from({ length: 35 }, (_, k) => k + 1);
    for (const id of ids) rule(at(id, 0, 0));
    for (const id of ids.slice(0, -1)) rule(at(id, 1, id < 30 ? id : id + 1));
    expect(rule(at(35, 1, 30))).toBe('refused');
  });

  it('damps stale messages', () => {
    const rule = arrivalRule('kardam', 4, 1);
    expect(rule(at(1, 0, 10, 9))).toEqual([expect.closeTo(10 * Math.exp(-0.6), 12)]);
  });

  it('lets at most f + 1 of the last 2f + 1 accepted messages be of f workers', () => {
    // f = 1: no two of the last three may come from fewer than 2 workers.
    const rule = arrivalRule({ rule: 'kardam', alpha: 0 }, 4, 1);
    const same = at(1, 0, 1);
    expect([rule(same), rule(same), rule(same)]).toEqual([[1], [1], 'refused']);
    expect(rule(at(2, 0, 4))).toEqual([4]);
    expect(rule(same)).toEqual([1]); // of 1 2 1
    expect(rule(same)).toEqual([1]); // of 2 1 1
    expect(rule(same)).toBe('refused');
  });

  it('needs n >= 3f + 1', () => {
    expect(() => arrivalRule('kardam', 6, 2)).toThrow(
      'invalid kardam: f = 2 needs n >= 3f + 1 = 7, but n = 6',
    );
  });
});

describe('zeno++', () => {
  const rule = arrivalRule('zeno++', 3, 1, 2);
  const clean = [3, 4];

  it("brings messages to the clean gradient's length", () => {
    const step = rule({ message: [6, 8], clean }) as number[];
    expect(step[0]).toBeCloseTo(3, 12);
    expect(step[1]).toBeCloseTo(4, 12);
  });

  it('accepts by γ <v, g> - ρ |g|² >= -γ ε', () => {
    // |g| = |v| = 5, so that γ <v, g> >= 0.001 · 25 - 0.1 · 0.1: <v, g> >= 0.15, a cosine of 0.006.
    const angled = (cosine: number) => {
      const sine = Math.sqrt(1 - cosine ** 2);
      return [0.6 * cosine - 0.8 * sine, 0.8 * cosine + 0.6 * sine];
    };
    expect(rule({ message: angled(0.0059), clean })).toBe('refused');
    expect(rule({ message: angled(0.0061), clean })).not.toBe('refused');
    expect(rule({ message: [-3, -4], clean })).toBe('refused');
  });

  it('takes a message without a direction for a step of length 0', () => {
    expect(rule({ message: [0, 0], clean })).toEqual([0, 0]);
    expect(rule({ message: [1, 1], clean: [0, 0] })).toEqual([0, 0]);
  });
});

describe('aflguard', () => {
  it('accepts what is no further from the clean gradient than λ times its length', () => {
    const rule = arrivalRule('aflguard', 3, 1, 2);
    const clean = [3, 4];
    expect(rule({ message: [3, 11.5], clean })).toEqual([3, 11.5]);
    expect(rule({ message: [3, 11.6], clean })).toBe('refused');
    expect(rule({ message: [-3, -4], clean })).toBe('refused');
    const wide = arrivalRule({ rule: 'aflguard', radius: 2 }, 3, 1, 2);
    expect(wide({ message: [-3, -4], clean })).toEqual([-3, -4]);
  });
});

describe('basgd', () => {
  const messages = (rule: ReturnType<typeof arrivalRule>, sent: [worker: number, value: number][]) =>
    sent.map(([worker, value]) => rule({ worker, message: [value] }));

  it('steps by a rule of means of buffers, when none is empty', () => {
    // n = 5, f = 1, so 3 buffers: of workers 1 and 4, 2 and 5, and 3.
    const rule = arrivalRule('basgd', 5, 1);
    const verdicts = messages(rule, [
      [1, 2],
      [4, 6], // buffer 1: 4
      [4, 7], // 5
      [2, 100],
      [3, 1], // the median of 5, 100 and 1
      [5, 1],
      [3, 2],
      [1, 9],
    ]);
    expect(verdicts).toEqual(['kept', 'kept', 'kept', 'kept', [5], 'kept', 'kept', [2]]);
  });

  it('goes by other rules', () => {
    const values = [1, 2, 5, 6, 100];
    const sent = values.map((value, k): [number, number] => [k + 1, value]);
    const trimmed = arrivalRule({ rule: 'basgd', of: 'trimmed-mean', buffers: 5, f: 1 }, 5, 1);
    expect(messages(trimmed, sent).at(-1)).toEqual([expect.closeTo((2 + 5 + 6) / 3, 12)]);
    const median = arrivalRule({ rule: 'basgd', of: 'geometric-median', buffers: 5 }, 5, 1);
    let point = 0;
    for (let step = 0; step < 3; step++) {
      const shares = values.map((value) => 1 / Math.abs(value - point));
      const total = shares.reduce((sum, share) => sum + share);
      point = values.reduce((sum, value, k) => sum + value * shares[k], 0) / total;
    }
    expect(messages(median, sent).at(-1)).toEqual([expect.closeTo(point, 12)]);
  });

  it('is held to 2f + 1 <= buffers <= n', () => {
    expect(() => arrivalRule({ rule: 'basgd', buffers: 4 }, 9, 2)).toThrow(
      'invalid basgd: buffers = 4 needs to be at least 2f + 1 = 5 (f = 2)',
    );
    expect(() => arrivalRule({ rule: 'basgd', buffers: 10 }, 9, 2)).toThrow(
      'invalid basgd: buffers = 10, but n = 9: some would stay empty',
    );
  });
});

describe('rules of messages one by one', () => {
  it('have no weights, and nothing goes around them', () => {
    expect(() => arrivalRule({ rule: 'kardam', weighted: true }, 4, 1)).toThrow(
      'invalid weighted: true (kardam has no weighted form)',
    );
    expect(() => arrivalRule({ rule: 'kardam', meta: ['ctma'] }, 4, 1)).toThrow(
      'invalid meta: ["ctma"] (kardam takes messages one by one; leave it out)',
    );
  });
});
