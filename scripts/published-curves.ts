/**
 * Runs of `byzsim reproduce ctma` beside the curves of the published synchronous code (test/golden/sync-curves.json, one
 * seed each), at the last round that each curve has:
 *
 *   node --import tsx scripts/published-curves.ts FOLDER...
 *
 * Prints a line a curve: ours, mean ± sample deviation over seeds, least to greatest, and where one further seed should
 * lie in 95 of 100 cases, mean ± t s √(1 + 1/n) with Student's t for n - 1 degrees; the published accuracy, in %, and
 * whether it lies there. Exit status: 0 if all do, 1 if one does not, 2 where it cannot be told: no runs, one seed.
 */
import { readFileSync } from 'node:fs';
import { criticalT } from '../src/base/statistics/student.js';
import { spread } from '../src/base/statistics/spread.js';
import { significance } from '../src/base/statistics/welch.js';
import { axis } from '../src/config/axes.js';
import { readStudy } from '../src/study/study.js';

interface Curve {
  aggregator: string;
  boost: string | null;
  attack: string;
  optimizer: string;
  rounds: number[];
  test_accuracy: number[];
}

/** Names of the published code and ours. Its trimmed mean cuts 8 of 17 off at both ends, which is our median to the bit. */
const names: Readonly<Record<string, string>> = {
  cwtm: 'cwmed',
  rfa: 'geometric-median',
  sf: 'sign-flip',
  lf: 'label-flip',
  mu2sgd: 'mu2-sgd',
};
const ours = (name: string) => names[name] ?? name;

const file = new URL('../test/golden/sync-curves.json', import.meta.url);
const { curves } = JSON.parse(readFileSync(file, 'utf8')) as { curves: Curve[] };
const { runs } = readStudy(process.argv.slice(2));

let status = 0;
const lines = curves.map(({ aggregator, boost, attack, optimizer, rounds, test_accuracy }) => {
  const wanted: [string, unknown][] = [
    ['mode', 'sync'],
    ['model.name', 'simple-mnist'],
    ['workers', 17],
    [axis.count, 8],
    [axis.rule, ours(aggregator)],
    [axis.meta, boost ?? 'none'],
    [axis.attack, ours(attack)],
    [axis.optimizer, ours(optimizer)],
  ];
  const round = rounds.at(-1)!;
  const published = test_accuracy.at(-1)!;
  const values = runs
    .filter(({ axes }) => wanted.every(([path, value]) => axes.get(path) === value))
    .flatMap(({ rows }) => rows.filter(({ update }) => update === round))
    .map((row) => 100 * row.test_accuracy!);
  const label = [aggregator, boost, attack, optimizer].filter(Boolean).join(' ');
  if (values.length < 2) {
    status = 2;
    return `${label} | ${round} | ${values.length} | - | - | - | ${published.toFixed(2)} | needs two seeds`;
  }
  const { mean, deviation, seeds } = spread(values);
  const reach = criticalT(significance, seeds - 1) * deviation! * Math.sqrt(1 + 1 / seeds);
  const inside = Math.abs(published - mean) <= reach;
  if (!inside) status = Math.max(status, 1);
  return [
    label,
    round,
    seeds,
    `${mean.toFixed(2)} ± ${deviation!.toFixed(2)}`,
    `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`,
    `${(mean - reach).toFixed(2)} to ${(mean + reach).toFixed(2)}`,
    published.toFixed(2),
    inside ? 'inside' : 'outside',
  ].join(' | ');
});
process.stdout.write(`test accuracy in %
published curve | round | seeds | mean ± deviation | least to greatest | one further seed, 95 % | published |
${lines.join('\n')}
`);
process.exitCode = status;
