import { expect, test } from 'vitest';
import { asynchronous } from '../../../src/simulation/modes/async.js';
import type { ModeDefinition } from '../../../src/simulation/mode.js';
import { fakeParts, optimizers, play } from '../../support/parts.js';

const mode = asynchronous as ModeDefinition;

test('a gradient is used at the next arrival of its worker, not at the one that dispatched it', async () => {
  // One worker, f = ½(x - z)², η = 0.5, x_0 = 8, samples 0, 2, 4, 6: the first message is g(x_0; 0) = 8.
  const parts = fakeParts({
    points: [[0], [2], [4], [6]],
    workers: 1,
    arrivals: [1],
    optimizer: optimizers.sgd(0.5),
    start: [8],
  });
  const rows = await play(mode, parts, 3);
  // x_1 = 8 - 4 = 4, dispatching g(x_0; 0) = 8 again; x_2 = 4 - 4 = 0, dispatching g(x_1; 2) = 2; x_3 = 0 - 1 = -1.
  expect(rows.map((row) => row.iterate![0])).toEqual([4, 0, -1]);
  expect(rows.map(({ values }) => values.staleness_mean)).toEqual([0, 1, 1]);
  expect(rows.map(({ values }) => values.time)).toEqual([1, 2, 3]);
});

test('weights are update counts', async () => {
  // Two workers hold g = x - z = -1 and -9 at first; worker 2 arrives twice: weights 1:2, then 1:3.
  const parts = fakeParts({
    points: [[1], [9], [0]],
    workers: 2,
    arrivals: [2],
    optimizer: optimizers.sgd(1),
  });
  const rows = await play(mode, parts, 2);
  expect(rows[0].iterate![0]).toBeCloseTo((1 + 2 * 9) / 3, 12);
  // The message delivered second was computed at x_0 on the sample 9, again -9.
  expect(rows[1].iterate![0]).toBeCloseTo(19 / 3 + (1 + 3 * 9) / 4, 12);
  expect(rows.map(({ values }) => values.byzantine_share)).toEqual([0, 0]);
});

test('mu2-sgd, theory form, follows Algorithm 1', async () => {
  const z = [0.5, -1, 2, 3, -0.25, 1, 0.75];
  const trace = [1, 2, 2, 1, 2, 2];
  const parts = fakeParts({
    points: z.map((value) => [value]),
    workers: 2,
    arrivals: trace,
    optimizer: optimizers.mu2(0.05, 'theory'),
    start: [1],
  });
  const rows = await play(mode, parts, trace.length);

  // Independent of the implementation: explicit estimator states, sums instead of running means.
  let drawn = 0;
  const draw = () => z[drawn++ % z.length];
  const xs = [1];
  const ws = [1];
  const workers = [0, 1].map(() => {
    const sample = draw();
    const g = 1 - sample;
    return { sample, s: 1, d: g, reference: g, next: g };
  });
  const current = workers.map(({ next }) => next);
  trace.forEach((id, k) => {
    const t = k + 1;
    const worker = workers[id - 1];
    const x = xs[k];
    worker.s++;
    current[id - 1] = worker.next;
    const total = workers[0].s + workers[1].s;
    const aggregate = (workers[0].s * current[0] + workers[1].s * current[1]) / total;
    ws.push(ws[k] - 0.05 * t * aggregate);
    const weights = ws.map((_, j) => j + 1);
    xs.push(ws.reduce((sum, w, j) => sum + weights[j] * w, 0) / weights.reduce((a, b) => a + b));
    worker.d = x - worker.sample + (1 - 1 / worker.s) * (worker.d - worker.reference);
    worker.next = worker.d;
    worker.sample = draw();
    worker.reference = xs[t] - worker.sample;
  });
  rows.forEach((row, k) => expect(row.iterate![0]).toBeCloseTo(xs[k + 1], 12));
});

test('a row counts the Byzantine share from the start and the staleness since the row before', async () => {
  const parts = fakeParts({
    points: [[1], [2]],
    workers: 3,
    byzantine: 1,
    attack: { kind: 'estimator', labels: 'true', sign: -1 },
    arrivals: [1, 3, 1, 2],
    optimizer: optimizers.sgd(0.1),
  });
  const rows = await play(mode, parts, 8, { evaluateEvery: 4 });
  expect(rows.map(({ values }) => values.update)).toEqual([4, 8]);
  expect(rows.map(({ values }) => values.byzantine_share)).toEqual([0.25, 0.25]);
  // First messages were computed at x_0: staleness 0, 2 and 3 updates; then 2, 2 and 4 since the dispatch before.
  expect(rows[0].values).toMatchObject({ staleness_mean: 5 / 3, staleness_max: 3 });
});

test('a rule of messages one by one sees the arriving one, its staleness and the model it was computed at', async () => {
  // Two workers, f = ½(x - z)², η = 1, x_0 = 0, samples 8, 1, 4, ...: messages -8 and -1 of x_0 first.
  const parts = fakeParts({
    points: [[8], [1], [4], [0]],
    workers: 2,
    arrivals: [1, 2, 1, 2],
    optimizer: optimizers.sgd(1),
    rule: { rule: 'staleness', decay: 'polynomial', a: 1 },
  });
  const rows = await play(mode, parts, 4);
  const x = rows.map((row) => row.iterate![0]);
  // Worker 1, τ = 0, then worker 2, τ = 1, then those dispatched at x_0 and x_1, both τ = 2.
  expect(x[0]).toBeCloseTo(8, 12);
  expect(x[1]).toBeCloseTo(8 + 1 / 2, 12);
  expect(x[2]).toBeCloseTo(x[1] + 8 / 3, 12); // g(x_0; 8) = -8
  expect(x[3]).toBeCloseTo(x[2] - 7 / 3, 12); // g(x_1; 1) = 7
  expect(rows.map(({ values }) => values.honest_accepted)).toEqual([1, 2, 3, 4]);
});

test('what becomes of messages is counted from the start, and the clean gradient is taken anew', async () => {
  // Worker 2 lies: it sends the opposite. The server's own input is 2: v = x - 2.
  const parts = fakeParts({
    points: [[2], [2]],
    workers: 2,
    byzantine: 1,
    attack: { kind: 'estimator', labels: 'true', sign: -1 },
    arrivals: [1, 2],
    optimizer: optimizers.sgd(0.5),
    rule: { rule: 'zeno++', rho: 0.001, epsilon: 0, inputs: 1, every: 2 },
  });
  const rows = await play(mode, parts, 4);
  // x_1 = 1 by v = -2; the lie is refused; at update 2 v is -1, and the stale -2 is brought to its length.
  expect(rows.map((row) => row.iterate![0])).toEqual([1, 1, 1.5, 1.5]);
  const last = rows.at(-1)!.values;
  const counts = ['honest_accepted', 'honest_refused', 'byzantine_accepted', 'byzantine_refused'];
  expect(counts.map((name) => last[name])).toEqual([2, 0, 0, 2]);
});
