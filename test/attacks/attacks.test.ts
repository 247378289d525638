import { describe, expect, it } from 'vitest';
import { createAttack, type AttackContext } from '../../src/attacks/create.js';
import { attacks as list } from '../../src/attacks/index.js';
import { maximize } from '../../src/attacks/optimal.js';
import type { Vector } from '../../src/compute/vectors/vectors.js';
import { HostVectors } from '../../src/compute/vectors/host.js';
import { registry } from '../../src/base/definition.js';
import { randomStream } from '../../src/base/random.js';
import { kindsOf } from '../../src/config/kinds.js';
import { resolveAttack } from '../../src/config/rules.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { StateTree } from '../../src/base/state.js';

const attacks = registry(list);

interface Setting extends Partial<Omit<AttackContext, 'vectors'>> {
  weights?: number[];
  byzantineWeight?: number;
}

/** The message that an attack makes of these honest ones. */
function message(config: { attack: string }, honest: number[][], setting: Setting = {}): number[] {
  const vectors = new HostVectors(honest[0].length, Float64Array);
  const { weights = honest.map(() => 1), byzantine = 1, byzantineWeight = byzantine } = setting;
  const attack = createAttack(resolveAttack(config, kindsOf(builtins)).config!, {
    vectors,
    attacks,
    byzantine,
    random: () => 0.5,
    state: new StateTree(),
    ...setting,
  });
  if (attack.kind !== 'omniscient') throw new TypeError(`${config.attack} makes no message`);
  const rows = honest.map((row) => vectors.fromHost(row));
  return [...vectors.toHost(attack.message(rows, weights, byzantineWeight, 0))];
}

const config = (attack: string, parameters: object = {}) => ({ attack, ...parameters });

describe('attacks by an estimator', () => {
  it.each([
    ['none', 'true', 1],
    ['label-flip', 'flipped', 1],
    ['sign-flip', 'true', -1],
  ])('%s: labels %s, sign %i', (name, labels, sign) => {
    expect(attacks.get(name)).toMatchObject({ kind: 'estimator', labels, sign });
  });
});

describe('little', () => {
  const honest = [
    [1, 10],
    [2, 10],
    [3, 10],
  ];
  const deviation = Math.sqrt(2 / 3);

  it('shifts the mean by z from the counts', () => {
    // total 4, k = ⌊3⌋ - 1 = 2, z = Φ⁻¹(1/3) = -0.4307...
    const [x, constant] = message(config('little'), honest);
    expect(x).toBeCloseTo(2 + 0.43072729929545749 * deviation, 14);
    expect(constant).toBe(10);
  });

  it('counts updates where messages are weighted', () => {
    // Honest weight 8, Byzantine 4: k = ⌊7⌋ - 4 = 3, z = Φ⁻¹(5/8) = 0.31863936396437514.
    const [x] = message(config('little'), [[0], [1]], { weights: [6, 2], byzantine: 2, byzantineWeight: 4 });
    expect(x).toBeCloseTo(0.25 - 0.31863936396437514 * Math.sqrt(0.25 * 0.75), 14);
  });

  it('counts weights whose sum is whole but for rounding', () => {
    // Twenty times 0.6 is 12, against 2: k = ⌊8⌋ - 2 = 6, z = Φ⁻¹(1/2) = 0. The numbers add up to 11.999999999999996.
    const values = Array.from({ length: 20 }, (_, i) => [i]);
    const [x] = message(config('little'), values, { weights: values.map(() => 0.6), byzantineWeight: 2 });
    expect(x).toBeCloseTo(9.5, 12);
  });

  it('takes a factor of the sample deviation, or of the one asked for', () => {
    expect(message(config('little', { factor: 1.5 }), honest)[0]).toBeCloseTo(3.5, 14);
    const population = config('little', { factor: 1.5, deviation: 'population' });
    expect(message(population, honest)[0]).toBeCloseTo(2 + 1.5 * deviation, 14);
    const sample = config('little', { deviation: 'sample' });
    expect(message(sample, honest)[0]).toBeCloseTo(2 + 0.43072729929545749, 14);
  });

  it('is finite where no or every honest message is needed for a majority', () => {
    // One honest, one Byzantine: every honest vote is needed. The median vote is the mean.
    expect(message(config('little'), [[3]])).toEqual([3]);
    // Two honest against one: k = 1 of 2, z = 0.
    expect(message(config('little'), [[3], [5]])).toEqual([4]);
    // A Byzantine majority needs nobody: all but a quarter of the 2 honest votes lies on one side.
    const [x] = message(config('little'), [[3], [5]], { byzantine: 9 });
    expect(x).toBeCloseTo(4 - 0.6744897501960817, 12);
  });
});

describe('empire', () => {
  it('is minus a multiple of the weighted mean', () => {
    expect(message(config('empire', { factor: 2 }), [[1], [4]], { weights: [2, 1] })).toEqual([-4]);
    expect(message(config('empire'), [[10], [30]])[0]).toBeCloseTo(-2, 14);
  });
});

describe('other messages', () => {
  const honest = [
    [1, 2],
    [3, 4],
  ];

  it('mimic copies one honest worker', () => {
    expect(message(config('mimic', { worker: 2 }), honest)).toEqual([3, 4]);
    expect(message(config('mimic'), honest)).toEqual([1, 2]);
  });

  it('infinity and zero are what they say', () => {
    expect(message(config('infinity'), honest)).toEqual([Infinity, Infinity]);
    expect(message(config('zero'), honest)).toEqual([0, 0]);
  });

  it('gaussian has the mean and the deviation asked for, and depends on its stream alone', () => {
    const wide = [new Array<number>(20_000).fill(0)];
    const draw = (seed: number) =>
      message(config('gaussian', { mean: 3, deviation: 2 }), wide, { random: randomStream(seed, 'test') });
    const values = draw(1);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // Five standard errors.
    expect(Math.abs(mean - 3)).toBeLessThan((5 * 2) / Math.sqrt(20_000));
    expect(Math.abs(variance - 4)).toBeLessThan(5 * 4 * Math.sqrt(2 / 20_000));
    expect(draw(1)).toEqual(values);
    expect(draw(2)).not.toEqual(values);
  });
});

describe('messages of any size', () => {
  const honest = [
    [1, 10],
    [2, -10],
    [3, 14],
  ];
  /** A rule that attackers may search against: the midpoint of the range. */
  const aggregate = (vectors: HostVectors) => (messages: readonly Vector[]) =>
    vectors.combine([0.5, 0.5], [messages[0], messages[messages.length - 1]]);

  it.each([
    config('little'),
    config('little', { factor: 1.5 }),
    config('empire', { factor: 2 }),
    config('mimic', { worker: 2 }),
    config('optimal-little', { evals: 5 }),
    config('optimal-empire', { evals: 5 }),
  ])('%j grows with the honest ones', (attack) => {
    const vectors = new HostVectors(2, Float64Array);
    const setting = { weights: [3, 1, 2], aggregate: aggregate(vectors) };
    const plain = message(attack, honest, setting);
    for (const size of [2 ** -990, 2 ** -300, 2 ** 300, 2 ** 990]) {
      const grown = message(
        attack,
        honest.map((row) => row.map((x) => x * size)),
        setting,
      );
      for (const [k, x] of grown.entries()) expect(x / size).toBeCloseTo(plain[k], 10);
    }
  });

  it('do not turn into infinity', () => {
    const largest = [[1.7e308], [1.6e308]];
    const sentence = (attack: string) =>
      `numbers too large: the message of ${attack} is beyond the range of numbers`;
    expect(() => message(config('empire', { factor: 2 }), largest)).toThrow(sentence('empire'));
    expect(() => message(config('little', { factor: 1e10 }), largest)).toThrow(sentence('little'));
    expect(message(config('empire', { factor: 1 }), largest)[0]).toBeCloseTo(-1.65e308, -300);
  });
});

describe('optimal attacks', () => {
  it('try the factors of the line search', () => {
    const tried: number[] = [];
    // Damage grows up to 35, then stops: 0, 10, 30 improve, 70 does not.
    const best = maximize(
      (x) => {
        tried.push(x);
        return x <= 35 ? x : 0;
      },
      { evals: 6, start: 0, delta: 10, ratio: 0.5 },
    );
    expect(tried).toEqual([0, 10, 30, 70, 50, 40]);
    expect(best).toBe(30);
  });

  it('do the mean all the harm their evaluations allow', () => {
    const vectors = new HostVectors(1, Float64Array);
    const aggregate = (messages: readonly { dimension: number }[]) =>
      vectors.combine(
        messages.map(() => 1 / messages.length),
        messages,
      );
    // Factors 0, 1, 3, 7 of the deviation √2, then of minus the mean.
    const search = { evals: 4, delta: 1 };
    const [little] = message(config('optimal-little', search), [[1], [3]], { aggregate });
    expect(little).toBeCloseTo(2 + 7 * Math.SQRT2, 12);
    expect(message(config('optimal-empire', search), [[1], [3]], { aggregate })).toEqual([-14]);
  });

  it('need a rule to search against', () => {
    expect(() => message(config('optimal-little'), [[1], [3]])).toThrow(
      'missing aggregator: optimal-little searches against one',
    );
  });
});
