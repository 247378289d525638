/**
 * How much the final accuracy (or another column) of each experiment of a study depends on the seed:
 *
 *   node --import tsx scripts/seed-spread.ts FOLDER... [y=test_accuracy]
 *
 * Prints a line an experiment: seeds, mean and sample deviation, the least and the greatest seed, and where one further
 * seed should lie in 95 of 100 cases, mean ± t s √(1 + 1/n) with Student's t for n - 1 degrees (supposing values that
 * scatter normally). Fractions are in percent.
 */
import { cellsOf, valuesOf } from '../src/check/cells.js';
import { parseQuantity } from '../src/check/compare.js';
import { criticalT } from '../src/base/statistics/student.js';
import { significance } from '../src/base/statistics/welch.js';
import { builtins } from '../src/simulation/catalogue.js';
import { Labels } from '../src/study/labels.js';
import { spread } from '../src/base/statistics/spread.js';
import { readStudy } from '../src/study/study.js';

const words = process.argv.slice(2);
const { runs } = readStudy(words.filter((word) => !word.startsWith('y=')));
const { row, column } = parseQuantity(words.find((word) => word.startsWith('y='))?.slice(2), runs);
const labels = new Labels(builtins);
const { fraction } = labels.column(column);
const shown = (value: number) => (fraction ? (100 * value).toFixed(2) : value.toPrecision(4));

const lines = cellsOf(runs, labels).map((cell) => {
  const values = valuesOf(cell, { row, column });
  const { mean, deviation, seeds } = spread(values);
  const reach = deviation && criticalT(significance, seeds - 1) * deviation * Math.sqrt(1 + 1 / seeds);
  return [
    cell.label,
    seeds,
    deviation === undefined ? shown(mean) : `${shown(mean)} ± ${shown(deviation)}`,
    `${shown(Math.min(...values))} to ${shown(Math.max(...values))}`,
    reach === undefined ? '-' : `${shown(mean - reach)} to ${shown(mean + reach)}`,
  ].join(' | ');
});
process.stdout.write(`${row} ${column}${fraction ? ' in %' : ''}
experiment | seeds | mean ± deviation | least to greatest | one further seed, 95 %
${lines.join('\n')}
`);
