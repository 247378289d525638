import { canonicalJson } from '../config/identity.js';
import { parseThresholds, type Threshold } from '../thresholds/thresholds.js';
import { UserError } from '../base/errors.js';
import type { Axes } from '../config/axes.js';
import type { Column } from '../simulation/columns.js';
import type { Labels } from '../study/labels.js';
import type { StudyRun } from '../study/study-run.js';
import { cellsOf } from './cells.js';
import { askedOf, evaluate, nameOf, scopeOf, type ThresholdResult } from './evaluate.js';

/** A threshold and the experiments that are held to it. */
export interface Demand {
  threshold: Threshold;
  /** Hashes; absent: all. */
  hashes?: ReadonlySet<string>;
}

/** A threshold that could not be told. */
export interface Unanswered {
  threshold: Threshold;
  /** Why: "CWMed has one seed, and a deviation takes two". */
  reason: string;
  /** The same as a sentence that names the threshold. */
  error: string;
}

export type Outcome = ThresholdResult | Unanswered;

/** The thresholds of an experiment's config. */
export interface OwnThresholds {
  hash: string;
  thresholds: unknown;
  /** Where they stand, for messages. */
  source: string;
}

/**
 * Every threshold of some experiments, each once, with those that have it.
 * @throws UserError where they are no thresholds
 */
export function collectThresholds(own: readonly OwnThresholds[], columns: readonly Column[]): Demand[] {
  const demands = new Map<string, { threshold: Threshold; hashes: Set<string> }>();
  for (const { hash, thresholds: given, source } of own) {
    const { thresholds, issues } = parseThresholds(given, columns);
    if (issues.length > 0) throw new UserError(`unreadable thresholds in ${source}: ${issues[0].message}`);
    for (const threshold of thresholds) {
      const key = canonicalJson(threshold);
      const known = demands.get(key);
      if (known) known.hashes.add(hash);
      else demands.set(key, { threshold, hashes: new Set([hash]) });
    }
  }
  return [...demands.values()];
}

/** Which thresholds will be about none of some experiments, whatever comes of them: why, a sentence each. */
export function unmatched(
  demands: readonly Demand[],
  experiments: readonly { hash: string; axes: Axes }[],
): string[] {
  return demands.flatMap(({ threshold, hashes }) => {
    const own = hashes ? experiments.filter(({ hash }) => hashes.has(hash)) : experiments;
    try {
      askedOf(threshold, own, experiments);
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [cannotCheck(threshold, error)];
    }
  });
}

function cannotCheck(threshold: Threshold, { message }: UserError): string {
  return `cannot check ${[nameOf(threshold), scopeOf(threshold)].filter(Boolean).join(' ')}: ${message}`;
}

/** Holds finished runs to thresholds, in order. What cannot be told of one does not stop the others. */
export function check(demands: readonly Demand[], runs: readonly StudyRun[], labels: Labels): Outcome[] {
  const cells = cellsOf(runs, labels);
  return demands.map(({ threshold, hashes }) => {
    const asked = hashes ? cells.filter(({ hash }) => hashes.has(hash)) : cells;
    try {
      return evaluate(threshold, asked, cells);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { threshold, reason: error.message, error: cannotCheck(threshold, error) };
    }
  });
}
