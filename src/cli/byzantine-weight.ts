import type { RunSummary } from '../results/run-folder.js';
import { percent } from '../base/format.js';

/**
 * Warns of aggregations in which the Byzantine workers weighed more than the rule was told: a line, or nothing. Runs that
 * do not say, of configs without Byzantine workers or by an older version, are passed over.
 */
export function describeByzantineWeight(
  runs: readonly Pick<RunSummary, 'byzantine_weight'>[],
): string | undefined {
  const watched = runs.flatMap(({ byzantine_weight: weight }) => weight ?? []);
  const beyond = watched.filter(({ exceeded }) => exceeded > 0);
  if (beyond.length === 0) return undefined;
  const lambdas = new Set(beyond.map(({ lambda }) => Number(lambda.toFixed(4))));
  const lambda = lambdas.size === 1 ? `λ = ${[...lambdas][0]}` : 'the λ of their rule';
  const exceeded = beyond.reduce((sum, weight) => sum + weight.exceeded, 0);
  const aggregations = watched.reduce((sum, weight) => sum + weight.of, 0);
  const largest = percent(Math.max(...beyond.map((weight) => weight.largest)));
  const where = runs.length > 1 ? ` (${beyond.length} of ${runs.length} runs)` : '';
  return (
    `byzsim: Byzantine workers had up to ${largest} of the weight, more than ${lambda} in ${exceeded} of ` +
    `${aggregations} aggregations${where}; docs/config.md says which lambda to give`
  );
}
