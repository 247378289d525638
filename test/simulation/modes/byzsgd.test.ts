import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Attack } from '../../../src/attacks/create.js';
import type { ModeDefinition } from '../../../src/simulation/mode.js';
import { byzsgd } from '../../../src/simulation/modes/byzsgd.js';
import { fakeParts, optimizers, play, type FakeSetting } from '../../support/parts.js';
import { runConfig } from '../../support/run-config.js';

const mode = byzsgd as ModeDefinition;

/** Keys of the mode as they are once a config is resolved. */
function keys({ servers = {}, ...rest }: { servers?: object } & Record<string, unknown>) {
  return {
    servers: { count: 1, byzantine: 0, attack: { attack: 'none' }, quorum: 1, ...servers },
    network: { delay: { process: 'deterministic', mean: 1 } },
    gatherEvery: 0,
    ...rest,
  };
}

/** In which workers answer with x itself: f = x²/2, whatever their sample. */
const towardsZero: Pick<FakeSetting, 'points' | 'optimizer' | 'start'> = {
  points: [[0]],
  optimizer: optimizers.sgd(0.5),
  start: [8],
};

const modelsOf = ({ iterates }: { iterates?: Readonly<Record<string, ArrayLike<number>>> }) =>
  Object.fromEntries(Object.entries(iterates!).map(([name, model]) => [name, Array.from(model)]));

describe('a step', () => {
  // Samples of w1, w2, w3; f = ½(x - z)², η = 0.5, both servers begin at 8. Gradients: 8, 6, -2.
  const setting = { points: [[0], [2], [10]], workers: 3, optimizer: optimizers.sgd(0.5), start: [8] };
  const toServers: Record<string, number> = { w1s1: 1, w2s1: 2, w3s1: 9, w1s2: 9, w2s2: 2, w3s2: 1 };
  const delays = (from: string, to: string) => toServers[from + to] ?? 1;

  test('moves each server by the first gradients to arrive there, when the last of them has', async () => {
    const parts = fakeParts({ ...setting, delays, durations: [[1, 1, 1]] });
    const [row] = await play(mode, parts, 1, {
      parameters: keys({ servers: { count: 2, quorum: 2 }, quorum: 2 }),
    });
    // s1 hears w1 and w2: 8 - (8 + 6)/4; s2 hears w3 and w2: 8 - (-2 + 6)/4.
    expect(modelsOf(row)).toEqual({ s1: [4.5], s2: [7] });
    // Models take 1, gradients 1, the slower of the two first gradients 2.
    expect(row.values).toMatchObject({
      time: 4,
      drift: 2.5,
      drift_before: undefined,
      messages: 2 * 3 + 3 * 2,
    });
  });

  test('a tie goes to the lower id', async () => {
    const parts = fakeParts({ ...setting, durations: [[1, 1, 1]] });
    const [row] = await play(mode, parts, 1, {
      parameters: keys({ servers: { count: 2, quorum: 2 }, quorum: 2 }),
    });
    expect(modelsOf(row)).toEqual({ s1: [4.5], s2: [4.5] });
  });

  test('with MDA moves by the mean of the closest ones', async () => {
    const rule = { rule: 'mda', f: 1 };
    const parts = fakeParts({ ...setting, rule, byzantine: 1, durations: [[1, 1, 1]] });
    const [row] = await play(mode, parts, 1, {
      parameters: keys({ servers: { count: 2, quorum: 2 }, quorum: 3 }),
    });
    // Of 8, 6, -2 the two of least diameter are 8 and 6.
    expect(modelsOf(row)).toEqual({ s1: [4.5], s2: [4.5] });
  });

  test('a worker computes at the median of the first models to arrive, half way between the middle two', async () => {
    // s1, s2, s3 are apart after a step in which each hears one other worker; no rounding in sixteenths.
    const own: Record<string, number> = { w1s1: 0, w2s2: 0, w3s3: 0 };
    const first: Record<string, number> = { s1w1: 0, s2w1: 0, s2w2: 0, s3w2: 0, s1w3: 0, s3w3: 0 };
    const parts = fakeParts({
      ...setting,
      delays: (from, to) => own[from + to] ?? first[from + to] ?? 5,
      durations: [[1, 1, 1]],
    });
    const rows = await play(mode, parts, 2, {
      parameters: keys({ servers: { count: 3, quorum: 2 }, quorum: 1 }),
    });
    expect(modelsOf(rows[0])).toEqual({ s1: [8 - 8 / 2], s2: [8 - 6 / 2], s3: [8 + 2 / 2] });
    // w1 is at (4 + 5)/2, w2 at (5 + 9)/2, w3 at (4 + 9)/2; each server hears its own worker again.
    expect(modelsOf(rows[1])).toEqual({
      s1: [4 - (4.5 - 0) / 2],
      s2: [5 - (7 - 2) / 2],
      s3: [9 - (6.5 - 10) / 2],
    });
  });

  test('a worker begins when its own step before is done: a slow one is late for what fast ones end', async () => {
    const parts = fakeParts({ ...towardsZero, workers: 2, delays: () => 1, durations: [[1, 10]] });
    const rows = await play(mode, parts, 3, { parameters: keys({ quorum: 1 }) });
    // Of w1 alone: 1 + 1 + 1 a step, though w2 is done with the first one at 11 only.
    expect(rows.map(({ values }) => values.time)).toEqual([3, 6, 9]);
    expect(rows.map(({ iterate }) => iterate![0])).toEqual([4, 2, 1]);
  });
});

describe('a gather', () => {
  // Servers hear their own workers alone: gradients 8, 6, -2, so models 0, 2, 10 after one step with η = 1.
  const setting: FakeSetting = {
    points: [[0], [2], [10]],
    workers: 3,
    optimizer: optimizers.sgd(1),
    start: [8],
    durations: [[1, 1, 1]],
    delays: (from, to) => (from.startsWith('w') && from.slice(1) !== to.slice(1) ? 5 : 1),
  };

  test('is the median of the own model and the first others, when the last of them has arrived', async () => {
    const parameters = keys({ servers: { count: 3, quorum: 2 }, quorum: 1, gatherEvery: 1 });
    const [row] = await play(mode, fakeParts(setting), 1, { parameters });
    // s1 takes s2's (id order at equal times), s2 takes s1's, s3 takes s1's; midpoints of two.
    expect(modelsOf(row)).toEqual({ s1: [1], s2: [1], s3: [5] });
    expect(row.values).toMatchObject({ drift_before: 10, drift_after: 4, drift: 4, time: 4 });
    expect(row.values.messages).toBe(9 + 9 + 6);
    expect(row.values.bytes).toBe(4 * (9 + 9 + 6));
    const all = keys({ servers: { count: 3, quorum: 3 }, quorum: 1, gatherEvery: 1 });
    const [same] = await play(mode, fakeParts(setting), 1, { parameters: all });
    expect(modelsOf(same)).toEqual({ s1: [2], s2: [2], s3: [2] });
  });

  test('comes every T steps; never, where T is 0', async () => {
    const gathers = async (gatherEvery: number) => {
      const parameters = keys({ servers: { count: 3, quorum: 3 }, quorum: 1, gatherEvery });
      const rows = await play(mode, fakeParts(setting), 7, { parameters });
      return rows.map(({ values }, k) => values.messages! - (rows[k - 1]?.values.messages ?? 0));
    };
    expect(await gathers(3)).toEqual([18, 18, 24, 18, 18, 24, 18]);
    expect(await gathers(0)).toEqual(new Array(7).fill(18));
  });

  test('auto takes T from how fast gradients change: l = 1 here', async () => {
    const steps = async (learningRate: number) => {
      const optimizer = optimizers.sgd(learningRate);
      const parameters = keys({ servers: { count: 3, quorum: 3 }, quorum: 1, gatherEvery: 'auto' });
      const rows = await play(mode, fakeParts({ ...setting, optimizer, learningRate }), 6, { parameters });
      return rows.map(({ values }, k) => values.messages! - (rows[k - 1]?.values.messages ?? 0) > 18);
    };
    // 1/(3 · 1 · 0.15) = 2.2; 1/(3 · 1 · 0.5) = 0.67, and less than every step is not to be had.
    expect(await steps(0.15)).toEqual([false, true, false, true, false, true]);
    expect(await steps(0.5)).toEqual(new Array(6).fill(true));
  });
});

describe('Byzantine nodes', () => {
  test('servers send false models and keep their own; those of silent ones are not counted', async () => {
    const setting = { ...towardsZero, workers: 1, durations: [[1]] };
    const messages = async (attack: object, quorum: number) => {
      const servers = { count: 5, byzantine: 1, attack, quorum };
      const parameters = keys({ servers, quorum: 1, gatherEvery: 2 });
      return (await play(mode, fakeParts(setting), 2, { parameters })).map(({ values }) => values.messages);
    };
    expect(await messages({ attack: 'reversed' }, 4)).toEqual([5 + 5, 2 * (5 + 5) + 20]);
    expect(await messages({ attack: 'silent' }, 4)).toEqual([4 + 5, 2 * (4 + 5) + 16]);
  });

  test('split sends μ + a(σ + b) to odd ids and μ - a(σ + b) to even ones', async () => {
    // One correct server and one worker a parity: the median of the correct model and the false one is half way.
    const servers = { count: 2, byzantine: 1, attack: { attack: 'split', factor: 2, floor: 3 }, quorum: 2 };
    const setting = { ...towardsZero, workers: 2, durations: [[1, 1]] };
    const [row] = await play(mode, fakeParts(setting), 1, { parameters: keys({ servers, quorum: 2 }) });
    // w1 at (8 + 8 + 2 · 3)/2 = 11, w2 at (8 + 8 - 2 · 3)/2 = 5.
    expect(modelsOf(row)).toEqual({ s1: [8 - (11 + 5) / 4] });
  });

  test('workers that craft their messages know all honest gradients of the step, and send at their own time', async () => {
    const seen: number[][] = [];
    const attack: Attack = {
      kind: 'omniscient',
      message(honest) {
        seen.push(honest.map((message) => parts.compute.vectors.toHost(message)[0]));
        return honest[0];
      },
    };
    const setting = { points: [[0], [2], [10]], workers: 3, byzantine: 1, attack, start: [8] };
    const parts = fakeParts({ ...setting, optimizer: optimizers.sgd(0), durations: [[1, 50, 2]] });
    const [row] = await play(mode, parts, 1, { parameters: keys({ quorum: 2 }) });
    // The Byzantine one is heard at 2, though the gradient of w2 that it knows is there at 50 only.
    expect(seen).toEqual([[8, 6]]);
    expect(row.values.time).toBe(2);
  });

  test('perServer: servers of even ids get the mirror image at the honest mean', async () => {
    const attack: Attack = { kind: 'estimator', labels: 'true', sign: -1 };
    const setting = {
      points: [[0], [2], [10]],
      workers: 3,
      byzantine: 1,
      attack,
      perServer: true,
      start: [8],
    };
    const rule = { rule: 'mean', weighted: false };
    const parts = fakeParts({ ...setting, rule, optimizer: optimizers.sgd(1), durations: [[1, 1, 1]] });
    const parameters = keys({ servers: { count: 2, quorum: 2 }, quorum: 3 });
    const [row] = await play(mode, parts, 1, { parameters });
    // Gradients 8, 6 and, negated, 2; 2 · 7 - 2 for s2.
    expect(modelsOf(row)).toEqual({ s1: [8 - (8 + 6 + 2) / 3], s2: [8 - (8 + 6 + 12) / 3] });
  });
});

test('perServer: all servers get the same of a worker while it behaves', async () => {
  const attack: Attack = {
    kind: 'scheduled',
    as: { kind: 'estimator', labels: 'true', sign: -1 },
    attacks: (update) => update >= 1,
  };
  const setting = { points: [[0], [2], [10]], workers: 3, byzantine: 1, attack, perServer: true, start: [8] };
  const rule = { rule: 'mean', weighted: false };
  const parts = fakeParts({ ...setting, rule, optimizer: optimizers.sgd(1), durations: [[1, 1, 1]] });
  const parameters = keys({ servers: { count: 2, quorum: 2 }, quorum: 3 });
  const [first, second] = await play(mode, parts, 2, { parameters });
  // Gradients 8, 6 and -2; then 4, 2 and, negated, 6; 2 · 3 - 6 for s2.
  expect(modelsOf(first)).toEqual({ s1: [4], s2: [4] });
  expect(modelsOf(second)).toEqual({ s1: [4 - (4 + 2 + 6) / 3], s2: [4 - (4 + 2 + 0) / 3] });
});

describe('one trusted server and no delays are mode sync', () => {
  const folder = mkdtempSync(join(tmpdir(), 'byzsim-reduction-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const points = Array.from({ length: 11 }, (_, k) => [Math.sin(k), Math.cos(3 * k), k / 5].join(','));
  writeFileSync(join(folder, 'points.csv'), points.join('\n'));

  test.each([
    ['mean', 'sgd'],
    ['cwmed', 'momentum'],
    ['mda', 'mu2-sgd'],
    ['centered-clipping', 'mu2-sgd'],
    [{ rule: 'trimmed-mean', f: 2, meta: [{ rule: 'bucketing', size: 1 }] }, 'sgd'],
    [
      { rule: 'geometric-median', tolerance: 1e-9 },
      { name: 'mu2-sgd', form: 'theory' },
    ],
  ] as const)('%j, %j: the same bytes of every iterate', async (aggregator, optimizer) => {
    const play = (name: string, keys: object) => {
      const file = join(folder, `${name}.yaml`);
      const common = {
        dataset: { points: 'points.csv' },
        workers: 7,
        aggregator,
        optimizer,
        batchSize: 2,
        updates: 25,
        evaluate: { every: 1 },
      };
      writeFileSync(file, stringify({ ...common, ...keys }));
      return runConfig(file);
    };
    const sync = await play('sync', { mode: 'sync' });
    const reduced = await play('byzsgd', { mode: 'byzsgd', network: { delay: 0 } });
    expect(reduced.map(({ iterate }) => iterate)).toEqual(sync.map(({ iterate }) => iterate));
    const common = Object.keys(sync[0].values);
    const of = ({ values }: (typeof sync)[number]) => common.map((name) => values[name]);
    expect(reduced.map(of)).toEqual(sync.map(of));
  });
});
