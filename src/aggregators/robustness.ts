import type { AggregatorConfig } from './aggregator.js';
import type { Rules } from './create.js';

/**
 * c_λ of ω-CWMed and of ω-GM ("Weight for Robustness", NeurIPS 2024, Table 1).
 *
 * @param lambda in [0, 0.5)
 */
export function weightedMedianRobustness(lambda: number): number {
  return (1 + lambda / (1 - 2 * lambda)) ** 2;
}

/** The c_λ that was proved of a rule with its meta-aggregators, from the inmost outwards; nothing where one has none. */
export function robustnessOf(
  { rule, weighted: _, meta, ...parameters }: AggregatorConfig,
  lambda: number,
  { aggregators, metaAggregators }: Rules,
): number | undefined {
  const base = aggregators.get(rule)!.robustness?.(parameters, lambda);
  return meta.reduceRight<number | undefined>((bound, { rule: name, ...own }) => {
    if (bound === undefined) return undefined;
    return metaAggregators.get(name)!.robustness?.(own, lambda, bound);
  }, base);
}
