import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runConfig } from '../support/run-config.js';

/** Iterates of the published synchronous code (float64) on the stochastic quadratic; see the file's note. */
const golden = JSON.parse(readFileSync(new URL('../golden/sync-trace.json', import.meta.url), 'utf8')) as {
  problem: {
    workers: number;
    byzantine: number;
    lr: number;
    epsilon: number;
    gradient_clip: number;
    x0: number[];
    /** By round, then by worker. */
    samples: number[][][];
  };
  cases: {
    optimizer: string;
    aggregator: string;
    boost: string | null;
    attack: string;
    beta: number | null;
    iterates: number[][];
  }[];
};

const { problem } = golden;
const folder = mkdtempSync(join(tmpdir(), 'byzsim-sync-'));
afterAll(() => rmSync(folder, { recursive: true }));

writeFileSync(
  join(folder, 'points.csv'),
  problem.samples
    .flat()
    .map((row) => `${row.join(',')}\n`)
    .join(''),
);

const attacks: Record<string, string> = {
  sf: 'sign-flip',
  empire: `{attack: empire, factor: ${problem.epsilon}}`,
  little: 'little',
};
const rules: Record<string, string> = {
  avg: 'rule: mean',
  cwmed: 'rule: cwmed',
  cwtm: 'rule: trimmed-mean',
  rfa: 'rule: geometric-median, floor: 0.1',
};
const optimizers: Record<string, string> = {
  mu2sgd: 'name: mu2-sgd',
  momentum: 'name: momentum',
  sgd: 'name: sgd',
};

describe('iterates of the published synchronous code', () => {
  for (const { optimizer, aggregator, boost, attack, beta, iterates } of golden.cases) {
    test(`${optimizer}, ${aggregator}, ${boost ?? 'no meta-aggregator'}, ${attack}`, async () => {
      const file = join(folder, 'config.yaml');
      writeFileSync(
        file,
        `mode: sync
dataset: {points: points.csv}
model: quadratic
initial: [${problem.x0.join(', ')}]
workers: ${problem.workers}
byzantine: {count: ${problem.byzantine}, attack: ${attacks[attack]}}
aggregator: {${rules[aggregator]}, meta: [${(boost ?? '').replace('+', ', ')}]}
optimizer: {${optimizers[optimizer]}, learningRate: ${problem.lr}${optimizer === 'momentum' ? `, beta: ${beta}` : ''}}
gradientClip: ${problem.gradient_clip}
updates: ${iterates.length}
evaluate: {every: 1}
`,
      );
      const rows = await runConfig(file);
      expect(rows.map((row) => row.values.update)).toEqual(iterates.map((_, k) => k + 1));
      rows.forEach((row, t) => {
        const norm = Math.hypot(...iterates[t]);
        const distance = Math.hypot(...iterates[t].map((value, k) => value - row.iterate![k]));
        expect(distance / norm, `round ${t + 1}`).toBeLessThan(2e-6);
      });
    });
  }
});
