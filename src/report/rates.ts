import { stringify } from 'csv-stringify/sync';
import { robustnessOf } from '../aggregators/robustness.js';
import { logSlope } from '../base/statistics/log-slope.js';
import { spread, type Spread } from '../base/statistics/spread.js';
import { numberTable } from '../base/table.js';
import { groupBy } from '../study/grouping.js';
import { drawLines, lineStyle } from './lines.js';
import { renderSvg } from './render.js';
import type { StudyRun } from '../study/study-run.js';
import type { Config } from '../config/config.js';
import type { Catalogue } from '../simulation/catalogue.js';

/** The least f of each problem: see the sweep files. */
export const minima: Readonly<Record<string, number>> = {
  'rates-quadratic': 2.5,
  'rates-logistic': -(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)),
};

/** The part of a resolved config that says what a run is of. */
type RateConfig = Pick<Config, 'updates' | 'optimizer' | 'byzantine' | 'aggregator'>;

/** A run that is over, whose test loss is f. */
export type RateRun = Pick<StudyRun, 'summary'> & { config: RateConfig };

/** The error f(x) - f* of one method against T or λ. */
export interface Rate {
  method: string;
  by: 'T' | 'λ';
  /** What the other one is. */
  at: string;
  points: ({ x: number } & Spread)[];
  /** Of the mean error; absent where there is none. */
  slope?: number;
  /** What the theory has: see docs/rates.md. */
  theory: number;
}

/**
 * Errors of each method, an optimizer with or without meta-aggregators, against T at every λ with several T, and against λ at
 * every T with several λ.
 *
 * @param minimum f*
 */
export function ratesOf(runs: readonly RateRun[], minimum: number, catalogue: Catalogue): Rate[] {
  const methods = groupBy(runs, ({ config }) => methodOf(config, catalogue));
  return [...methods].flatMap(([method, own]) =>
    (['T', 'λ'] as const).flatMap((by) => {
      const [x, other] = by === 'T' ? [updatesOf, lambdaOf] : [lambdaOf, updatesOf];
      const lines = [...groupBy(own, other)].filter(([, line]) => new Set(line.map(x)).size > 1);
      return lines.map(([fixed, line]): Rate => {
        const points = [...groupBy(line, x)]
          .map(([value, same]) => ({
            x: value,
            ...spread(same.map(({ summary }) => (summary.final.test_loss ?? Infinity) - minimum)),
          }))
          .sort((a, b) => a.x - b.x);
        return {
          method,
          by,
          at: by === 'T' ? `λ = ${fixed}` : `T = ${fixed.toLocaleString('en')}`,
          points,
          slope: logSlope(points.map(({ x, mean }) => ({ x, y: mean }))),
          theory: theoryOf(line, by, catalogue),
        };
      });
    }),
  );
}

const updatesOf = ({ config }: RateRun) => config.updates;
const lambdaOf = ({ config }: RateRun) => config.byzantine.lambda;

/** "μ²-SGD, ω-CTMA" */
function methodOf({ optimizer, aggregator: { meta, weighted } }: RateConfig, catalogue: Catalogue): string {
  const title = (definition: { name: string; title?: string }) => definition.title ?? definition.name;
  const around = meta.map(
    ({ rule }) => `${weighted ? 'ω-' : ''}${title(catalogue.metaAggregators.get(rule)!)}`,
  );
  return [title(catalogue.optimizers.get(optimizer.name)!), ...around].join(', ');
}

/**
 * The slope of the term of the bound that attacks add, the deviation of messages times √c_λ: over λ that of √c_λ, fitted at
 * the same λ. Over T the deviation falls as 1/√T in μ²-SGD, and not at all in the others.
 */
function theoryOf(line: readonly RateRun[], by: Rate['by'], catalogue: Catalogue): number {
  if (by === 'T') return line[0].config.optimizer.name === 'mu2-sgd' ? -0.5 : 0;
  const bounds = new Map(
    line.map(({ config }) => [
      config.byzantine.lambda,
      robustnessOf(config.aggregator, config.byzantine.lambda, catalogue)!,
    ]),
  );
  return logSlope([...bounds].map(([x, bound]) => ({ x, y: Math.sqrt(bound) })))!;
}

/** A line a method. */
export function describeRates(rates: readonly Rate[]): string {
  const lines = rates.map(({ method, by, at, points, slope, theory }) => [
    `${method}, ${at}`,
    `${by}^`,
    slope?.toFixed(2) ?? '-',
    theory.toFixed(2),
    points[0].mean.toPrecision(3),
    points.at(-1)!.mean.toPrecision(3),
  ]);
  return numberTable([['error f(x) - f*', 'grows as', 'fitted', 'theory', 'first', 'last'], ...lines]);
}

/** rates.csv, and figures of the mean errors against T and λ, error-T.svg and error-lambda.svg: contents by name. */
export async function rateFiles(rates: readonly Rate[]): Promise<Record<string, string>> {
  const rows = rates.flatMap(({ method, by, at, points, slope, theory }) =>
    points.map(({ x, mean, deviation, seeds }) => [method, by, at, x, mean, deviation, seeds, slope, theory]),
  );
  const titles = ['method', 'by', 'at', 'x', 'error_mean', 'error_deviation', 'seeds', 'slope', 'theory'];
  return {
    'rates.csv': stringify([titles, ...rows]),
    'error-T.svg': await renderSvg(figureOf(rates, 'T')),
    'error-lambda.svg': await renderSvg(figureOf(rates, 'λ')),
  };
}

/** Mean errors of one kind in logarithms; methods with a meta-aggregator are dashed. */
function figureOf(all: readonly Rate[], by: Rate['by']) {
  const rates = all.filter((rate) => rate.by === by);
  const ofOptimizer = (method: string) => method.split(', ')[0];
  const optimizers = [...new Set(rates.map(({ method }) => ofOptimizer(method)))];
  const lines = rates.map(({ method, at, points }) => ({
    series: {
      label: `${method}, ${at}`,
      ...lineStyle(optimizers.indexOf(ofOptimizer(method)), method.includes(', ')),
    },
    points,
  }));
  const x = by === 'T' ? { name: 'T', title: 'T, updates' } : { name: 'lambda', title: 'λ' };
  return drawLines(lines, { x, y: { name: 'error', title: 'f(x) - f*' }, logX: true });
}
