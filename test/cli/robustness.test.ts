import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { byzsim } from '../support/cli.js';
import { temporaryFolder } from '../support/study.js';

const few = ['--cases', '3', '--lambda', '0.2,0.4', '--quiet'];

describe('byzsim robustness', () => {
  test('prints a line for each λ, and bounds where there are any; draws both', async () => {
    const figure = join(temporaryFolder(), 'figures', 'robustness.svg');
    const { status, stdout, stderr } = await byzsim([
      'robustness',
      'cwmed+ctma',
      'krum',
      ...few,
      '-o',
      figure,
    ]);
    expect(status).toBe(0);
    const [header, ...lines] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/ +/));
    expect(header).toEqual(['λ', 'cwmed+ctma', 'bound', 'krum']);
    const [tried, ...counts] = lines.pop()!;
    expect(tried).toBe('tried');
    expect(counts.map(Number).every((count) => count > 10)).toBe(true);
    expect(lines.map(([lambda, , bound]) => [lambda, bound])).toEqual([
      ['0.2', '33.33'],
      ['0.4', '240'],
    ]);
    expect(stderr).toBe(`${figure}\n${figure.replace('.svg', '.summary.csv')}\n`);
    expect(readFileSync(figure, 'utf8')).toContain('>bound of cwmed+ctma</text>');
    expect(readFileSync(figure.replace('.svg', '.summary.csv'), 'utf8')).toMatch(
      /^rule,lambda,found,bound\ncwmed\+ctma,0\.2,\d\S*,33\.\d+\n/,
    );
  });

  test('prints the worst case as JSON: the rule does on it what is said', async () => {
    const { stdout } = await byzsim(['robustness', '{rule: cwmed}', ...few, '--json']);
    const [{ rule, points }] = JSON.parse(stdout) as {
      rule: string;
      points: { found: number; worst: { vectors: number[][]; weights: number[]; honest: number } }[];
    }[];
    expect(rule).toBe('{rule: cwmed}');
    const { found, worst } = points[1];
    const request = { aggregator: 'cwmed', vectors: worst.vectors, weights: worst.weights };
    const aggregate = JSON.parse(
      (await byzsim(['aggregate'], { input: JSON.stringify(request) })).stdout,
    ) as number[];
    const good = worst.vectors.slice(0, worst.honest);
    const total = worst.weights.slice(0, worst.honest).reduce((sum, weight) => sum + weight, 0);
    const mean = aggregate.map((_, k) =>
      good.reduce((sum, vector, i) => sum + (worst.weights[i] / total) * vector[k], 0),
    );
    const distance = (a: number[]) => a.reduce((sum, value, k) => sum + (value - mean[k]) ** 2, 0);
    const spread = good.reduce((sum, vector, i) => sum + (worst.weights[i] / total) * distance(vector), 0);
    expect(distance(aggregate) / spread).toBeCloseTo(found, 6);
  });

  test.each<[string[], RegExp]>([
    [['cwmde'], /unknown (aggregator|rule): cwmde \(did you mean cwmed\?\)/],
    [['cwmed+ctmaa'], /ctmaa.*did you mean ctma/],
    [['{rule: cwmed, tie: both}'], /invalid tie/],
    [['{rule: cwmed'], /invalid rule: \{rule: cwmed/],
    [['cwmed', '--lambda', '0.5'], /must be numbers in \[0, 0\.5\)/],
    [['cwmed', '--lambda', '0.2:0.1:0.1'], /must be numbers in \[0, 0\.5\)/],
    [['cwmed', '--cases', '0'], /integer from 1/],
    [['cwmed', '-o', 'figure.gif'], /unknown format: \.gif/],
  ])('%s is a mistake', async (words, message) => {
    const { status, stdout, stderr } = await byzsim(['robustness', ...words]);
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([2, '']);
    expect(existsSync('figure.gif')).toBe(false);
  });
});
