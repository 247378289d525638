import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runConfig } from '../support/run-config.js';

/** Iterates of the published asynchronous code (float64) on the stochastic quadratic; see the file's note. */
const golden = JSON.parse(readFileSync(new URL('../golden/async-trace.json', import.meta.url), 'utf8')) as {
  problem: {
    workers: number;
    byzantine: number;
    lr: number;
    gamma: number;
    epsilon: number;
    trace: number[];
    x0: number[];
    samples: number[][];
  };
  cases: { optimizer: string; aggregator: string; attack: string; beta: number; iterates: number[][] }[];
};

const { problem } = golden;
const folder = mkdtempSync(join(tmpdir(), 'byzsim-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

// The published stream restarts after the initial round.
const points = [...problem.samples.slice(0, problem.workers), ...problem.samples];
writeFileSync(join(folder, 'points.csv'), points.map((row) => row.join(',')).join('\n') + '\n');
writeFileSync(join(folder, 'trace.txt'), problem.trace.map((worker) => worker + 1).join('\n') + '\n');

const attacks: Record<string, string> = {
  sf: 'sign-flip',
  ipm: `{attack: empire, factor: ${problem.epsilon}}`,
  alie: 'little',
};

describe('iterates of the published code', () => {
  for (const { optimizer, aggregator, attack, beta, iterates } of golden.cases) {
    test(`${optimizer}, ${aggregator}, ${attack}`, async () => {
      const parameters = {
        sgd: '',
        momentum: `, beta: ${beta}`,
        mu2sgd: `, beta: ${beta}, gamma: ${problem.gamma}`,
      };
      const rule = aggregator.replace('weighted_', '').replace('rfa', 'geometric-median');
      const file = join(folder, 'config.yaml');
      writeFileSync(
        file,
        `dataset: {points: points.csv}
model: quadratic
initial: [${problem.x0.join(', ')}]
workers: ${problem.workers}
arrival: {trace: trace.txt}
byzantine: {count: ${problem.byzantine}, attack: ${attacks[attack]}}
aggregator: {rule: ${rule}, weighted: ${aggregator.startsWith('weighted_')}}
optimizer: {name: ${optimizer.replace('mu2sgd', 'mu2-sgd')}, learningRate: ${problem.lr}${parameters[optimizer as keyof typeof parameters]}}
updates: ${problem.trace.length}
evaluate: {every: 1}
`,
      );
      const rows = await runConfig(file);
      expect(rows.map((row) => row.values.update)).toEqual(iterates.map((_, k) => k + 1));
      rows.forEach((row, t) => {
        const norm = Math.hypot(...iterates[t]);
        const distance = Math.hypot(...iterates[t].map((value, k) => value - row.iterate![k]));
        expect(distance / norm, `update ${t + 1}`).toBeLessThan(2e-6);
      });
    });
  }
});
