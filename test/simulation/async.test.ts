import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runConfig } from '../support/run-config.js';

const folder = mkdtempSync(join(tmpdir(), 'byzsim-async-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'config.yaml');

/** Runs on points; without Byzantine workers the arithmetic can be done by hand. */
async function run(yaml: string, points: number[][], trace?: number[]) {
  writeFileSync(join(folder, 'points.csv'), points.map((row) => row.join(',')).join('\n') + '\n');
  if (trace) writeFileSync(join(folder, 'trace.txt'), trace.join('\n') + '\n');
  writeFileSync(file, `dataset: {points: points.csv}\n${yaml}`);
  return runConfig(file);
}

test('a gradient is used at the next arrival of its worker, not at the one that dispatched it', async () => {
  // One worker, f = ½(x - z)², η = 0.5, x_0 = 8, samples 0, 2, 4, 6: the first message is g(x_0; 0) = 8.
  const rows = await run(
    `workers: 1
arrival: {trace: trace.txt}
aggregator: mean
optimizer: {name: sgd, learningRate: 0.5}
initial: [8]
updates: 3
evaluate: {every: 1}
`,
    [[0], [2], [4], [6]],
    [1, 1, 1],
  );
  // x_1 = 8 - 4 = 4, dispatching g(x_0; 0) = 8 again; x_2 = 4 - 4 = 0, dispatching g(x_1; 2) = 2; x_3 = 0 - 1 = -1.
  expect(rows.map((row) => row.iterate![0])).toEqual([4, 0, -1]);
  expect(rows.map((row) => row.stalenessMean)).toEqual([0, 1, 1]);
});

test('weights are update counts', async () => {
  // Two workers hold g = x - z = -1 and -9 at first; worker 2 arrives twice: weights 1:2, then 1:3.
  const rows = await run(
    `workers: 2
arrival: {trace: trace.txt}
aggregator: mean
optimizer: {name: sgd, learningRate: 1}
initial: [0]
updates: 2
evaluate: {every: 1}
`,
    [[1], [9], [0]],
    [2, 2],
  );
  expect(rows[0].iterate![0]).toBeCloseTo((1 + 2 * 9) / 3, 5);
  // The message delivered second was computed at x_0 on the sample 9, again -9.
  expect(rows[1].iterate![0]).toBeCloseTo(19 / 3 + (1 + 3 * 9) / 4, 5);
  expect(rows.map((row) => row.byzantineShare)).toEqual([0, 0]);
});

describe('mu2-sgd, theory form', () => {
  test('follows Algorithm 1 in float64', async () => {
    const z = [0.5, -1, 2, 3, -0.25, 1, 0.75];
    const trace = [1, 2, 2, 1, 2, 2];
    const rows = await run(
      `workers: 2
arrival: {trace: trace.txt}
aggregator: mean
optimizer: {name: mu2-sgd, form: theory, learningRate: 0.05}
initial: [1]
updates: ${trace.length}
evaluate: {every: 1}
`,
      z.map((value) => [value]),
      trace,
    );

    // Independent of the implementation: explicit estimator states, sums instead of running means.
    let drawn = 0;
    const draw = () => z[drawn++ % z.length];
    const xs = [1];
    const ws = [1];
    const state = [0, 1].map(() => {
      const sample = draw();
      const g = 1 - sample;
      return { sample, s: 1, d: g, reference: g, next: g };
    });
    const current = state.map(({ next }) => next);
    trace.forEach((id, k) => {
      const t = k + 1;
      const worker = state[id - 1];
      const x = xs[k];
      worker.s++;
      current[id - 1] = worker.next;
      const total = state[0].s + state[1].s;
      const aggregate = (state[0].s * current[0] + state[1].s * current[1]) / total;
      ws.push(ws[k] - 0.05 * t * aggregate);
      const weights = ws.map((_, j) => j + 1);
      xs.push(ws.reduce((sum, w, j) => sum + weights[j] * w, 0) / weights.reduce((a, b) => a + b));
      worker.d = x - worker.sample + (1 - 1 / worker.s) * (worker.d - worker.reference);
      worker.next = worker.d;
      worker.sample = draw();
      worker.reference = xs[t] - worker.sample;
    });
    rows.forEach((row, k) => expect(row.iterate![0]).toBeCloseTo(xs[k + 1], 5));
  });
});

test('the last update is evaluated even between two evaluations', async () => {
  const rows = await run('workers: 2\naggregator: mean\noptimizer: sgd\nupdates: 7\nevaluate: {every: 3}\n', [
    [1],
    [2],
  ]);
  expect(rows.map((row) => row.update)).toEqual([3, 6, 7]);
  expect(rows.at(-1)!.epoch).toBe(3.5);
});

test('Byzantine workers under schedule interval have their share', async () => {
  const rows = await run(
    `workers: 5
byzantine: {count: 2, lambda: 0.4, schedule: interval, attack: sign-flip}
aggregator: cwmed
optimizer: sgd
updates: 300
evaluate: {every: 150}
`,
    [[1], [2]],
  );
  expect(rows.map((row) => row.byzantineShare)).toEqual([1 / 3, 1 / 3]);
});

test('a run that diverges throws after the rows it has', async () => {
  const diverging = run(
    'workers: 2\naggregator: mean\noptimizer: {name: sgd, learningRate: 1.0e+30}\nupdates: 20\nevaluate: {every: 1}\n',
    [[1], [2]],
  );
  await expect(diverging).rejects.toThrow(/^the model diverged (at|by) update [12345]/);
});
