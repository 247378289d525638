import { describe, expect, test } from 'vitest';
import type { Attack } from '../../../src/attacks/create.js';
import { sgd } from '../../../src/optimizers/sgd.js';
import type { ModeDefinition } from '../../../src/simulation/mode.js';
import { synchronous } from '../../../src/simulation/modes/sync.js';
import { fakeParts, optimizers, play } from '../../support/parts.js';

const mode = synchronous as ModeDefinition;

test('all workers send the gradient of a new sample in every round, and the server moves once', async () => {
  // f = ½(x - z)², η = 0.5, x_0 = 8; samples 0 and 2, then 4 and 6.
  const points = [[0], [2], [4], [6]];
  const parts = fakeParts({ points, workers: 2, optimizer: optimizers.sgd(0.5), start: [8] });
  const rows = await play(mode, parts, 2);
  // x_1 = 8 - (8 + 6)/4 = 4.5; x_2 = 4.5 - (0.5 - 1.5)/4 = 4.75.
  expect(rows.map((row) => row.iterate![0])).toEqual([4.5, 4.75]);
  expect(rows.map(({ values }) => values.train_loss)).toEqual([(32 + 18) / 2, (0.125 + 1.125) / 2]);
  expect(rows.map(({ values }) => [values.update, values.epoch])).toEqual([
    [1, 2 / 4],
    [2, 4 / 4],
  ]);
});

test('mu2-sgd follows the published code: one sample at two models in a row', async () => {
  const z = [0.5, -1, 2, 3, -0.25, 1];
  const parts = fakeParts({
    points: z.map((value) => [value]),
    workers: 1,
    optimizer: optimizers.mu2(0.2, 'published'),
    start: [1],
  });
  const rows = await play(mode, parts, 4);
  let [x, w] = [1, 1];
  let d = x - z[0];
  const expected: number[] = [];
  for (let round = 1; round <= 4; round++) {
    const sample = z[round - 1];
    const reference = x - sample;
    w -= 0.2 * d;
    const gamma = Math.max(Number((2 / (round + 1)).toFixed(3)), 0.01);
    x = gamma * w + (1 - gamma) * x;
    expected.push(x);
    const beta = Math.max(Number((1 / (round + 1)).toFixed(3)), 0.01);
    d = x - sample + (1 - beta) * (d - reference);
  }
  rows.forEach((row, k) => expect(row.iterate![0]).toBeCloseTo(expected[k], 12));
});

test('gradients are cut to the length asked for', async () => {
  const points = [[0, 0]];
  const setting = { points, workers: 1, optimizer: optimizers.sgd(1), start: [3, 4], gradientClip: 2 };
  const [row] = await play(mode, fakeParts(setting), 1);
  expect(Array.from(row.iterate!)).toEqual(
    [3 - 2 * 0.6, 4 - 2 * 0.8].map((x) => expect.closeTo(x, 12) as number),
  );
  const [same] = await play(mode, fakeParts({ ...setting, gradientClip: 5 }), 1);
  expect(Array.from(same.iterate!)).toEqual([0, 0]);
});

test('weight decay is the step of the server, and no part of the gradients that are cut', async () => {
  const optimizer = sgd.create({ learningRate: 1, weightDecay: 0.5, milestones: { at: [1], factor: 0.5 } });
  const parts = fakeParts({ points: [[0, 0]], workers: 3, optimizer, start: [6, 8], gradientClip: 2 });
  const rows = await play(mode, parts, 2);
  // Each gradient is (6, 8) cut to 2 = (1.2, 1.6), and λ x = (3, 4). Then x = (1.8, 2.4), of length 3, at half the rate.
  const expected = [
    [6 - 1.2 - 3, 8 - 1.6 - 4],
    [1.8 - 0.5 * (1.2 + 0.9), 2.4 - 0.5 * (1.6 + 1.2)],
  ];
  rows.forEach(({ iterate }, round) =>
    expected[round].forEach((x, k) => expect(iterate![k]).toBeCloseTo(x, 12)),
  );
});

describe('time', () => {
  const setting = {
    points: [[0], [3], [9]],
    workers: 3,
    optimizer: optimizers.sgd(1),
    durations: [
      [5, 1, 2],
      [1, 4, 4],
    ],
  };

  test('is that of the slowest worker of each round', async () => {
    const rows = await play(mode, fakeParts(setting), 3);
    expect(rows.map(({ values }) => values.time)).toEqual([5, 9, 14]);
  });

  test('with a quorum is that of the slowest one heard, and the others of the round are lost', async () => {
    const rows = await play(mode, fakeParts(setting), 2, { parameters: { quorum: 2 } });
    expect(rows.map(({ values }) => values.time)).toEqual([2, 6]);
    // Round 1 hears workers 2 and 3: x_1 = mean of z = (3 + 9)/2; round 2, ties to the lower id, workers 1 and 2.
    expect(rows[0].iterate![0]).toBe(6);
    expect(rows[1].iterate![0]).toBe(6 - (6 + 3) / 2);
  });
});

describe('Byzantine workers', () => {
  const points = [[1], [2], [3], [100]];

  test('that craft their messages see a message of every honest worker, each of which counts once', async () => {
    const seen: unknown[] = [];
    const attack: Attack = {
      kind: 'omniscient',
      message(honest, weights, byzantineWeight) {
        seen.push({ honest: honest.length, weights, byzantineWeight });
        return honest[0];
      },
    };
    const parts = fakeParts({ points, workers: 4, byzantine: 2, attack, optimizer: optimizers.sgd(0) });
    await play(mode, parts, 2);
    // Of two Byzantine workers in two rounds.
    expect(seen).toEqual(new Array(4).fill({ honest: 2, weights: [1, 1], byzantineWeight: 2 }));
  });

  test('whose messages are not finite are left out; more of them than f end the run, with their ids', async () => {
    const points = [[1], [1], [Infinity], [Infinity]];
    const setting = {
      points,
      workers: 4,
      optimizer: optimizers.sgd(0),
      rule: { rule: 'cwmed', weighted: false },
    };
    await expect(play(mode, fakeParts({ ...setting, byzantine: 1 }), 1)).rejects.toThrow(
      /workers 3 and 4 sent messages that are not finite/,
    );
    const parts = fakeParts({ ...setting, byzantine: 2 });
    await expect(mode.create({}, parts).step()).resolves.toBeUndefined();
  });
});

test('one worker alone, or none that is Byzantine, is plain training whatever the rule', async () => {
  for (const workers of [1, 4]) {
    const points = [[1], [5], [2], [8], [3], [0.5], [7], [4]];
    const setting = { points, workers, optimizer: optimizers.mu2(0.2, 'published'), start: [1] };
    const mean = await play(mode, fakeParts({ ...setting, rule: { rule: 'mean', weighted: false } }), 3);
    const ctma = { rule: 'cwmed', weighted: false, meta: [{ rule: 'ctma', lambda: 0 }] };
    const rows = await play(mode, fakeParts({ ...setting, rule: ctma }), 3);
    expect(rows).toHaveLength(3);
    rows.forEach(({ iterate }, k) => expect(iterate![0]).toBeCloseTo(mean[k].iterate![0], 12));
  }
});
