import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { minima, rateFiles, ratesOf, type RateRun } from '../../src/report/rates.js';
import { builtins } from '../../src/simulation/catalogue.js';
import { readStudy } from '../../src/study/study.js';

const run = (name: string, updates: number, lambda: number, loss: number, meta = false) =>
  ({
    config: {
      updates,
      optimizer: { name },
      byzantine: { lambda },
      aggregator: { rule: 'cwmed', weighted: true, meta: meta ? [{ rule: 'ctma', lambda }] : [] },
    },
    summary: { final: { test_loss: loss } },
  }) as unknown as RateRun;

describe('ratesOf', () => {
  const runs = [
    ...[100, 400, 1600].flatMap((T) => [run('mu2-sgd', T, 0.2, 1 + 5 / T), run('sgd', T, 0.2, 1.5)]),
    ...[0.1, 0.4].map((lambda) => run('sgd', 400, lambda, 1 + lambda ** 2)),
  ];

  test('fits the error above the least f against T and against λ', () => {
    const rates = ratesOf(runs, 1, builtins);
    expect(rates.map(({ method, by, at }) => `${method} ${by} ${at}`)).toEqual([
      'μ²-SGD T λ = 0.2',
      'SGD T λ = 0.2',
      'SGD λ T = 400',
    ]);
    expect(rates[0].slope).toBeCloseTo(-1, 10);
    expect(rates[1].slope).toBeCloseTo(0, 10);
    expect(rates[0].points[1]).toMatchObject({ x: 400, seeds: 1 });
  });

  test('states what the theory has at the same λ', () => {
    const rates = ratesOf(
      [0.1, 0.4].flatMap((lambda) => [run('sgd', 9, lambda, 2), run('sgd', 9, lambda, 2, true)]),
      1,
      builtins,
    );
    // √c_λ is 1.125 and 3 of ω-CWMed; of ω-CTMA around it √(60 λ (1 + c_λ)) = √13.59375 and √240.
    expect(rates.map(({ method }) => method)).toEqual(['SGD', 'SGD, ω-CTMA']);
    expect(rates[0].theory).toBeCloseTo(Math.log(3 / 1.125) / Math.log(4), 10);
    expect(rates[1].theory).toBeCloseTo(Math.log(240 / 13.59375) / 2 / Math.log(4), 10);
    expect(
      ratesOf(runs, 1, builtins)
        .map(({ theory }) => theory)
        .slice(0, 2),
    ).toEqual([-0.5, 0]);
  });
});

const studies = existsSync('results/rates') ? readdirSync('results/rates') : [];

describe.each(studies)('results/rates/%s', (name) => {
  test('its slopes and figures are those of its runs', { timeout: 60_000 }, async () => {
    const folder = join('results/rates', name);
    const { runs } = readStudy([folder]);
    const [written] = readFileSync(join(folder, 'rates.csv'), 'utf8').split('\n').slice(1);
    expect(runs).toHaveLength(144);
    const rates = ratesOf(runs as unknown as RateRun[], minima[name], builtins);
    expect(rates).toHaveLength(12);
    expect(written).toMatch(/^SGD,T,λ = 0\.2,256,/);
    for (const [file, content] of Object.entries(await rateFiles(rates)))
      expect(content === readFileSync(join(folder, file), 'utf8'), file).toBe(true);
  });
});
