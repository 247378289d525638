import { canonicalJson } from '../config/identity.js';
import { parseThresholds, type Threshold } from '../config/thresholds.js';
import { UserError } from '../errors.js';
import type { StudyRun } from '../results/study.js';
import { cellsOf } from './cells.js';
import { evaluate, nameOf, scopeOf, type ThresholdResult } from './evaluate.js';

/** A threshold and the experiments that are held to it. */
export interface Held {
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

/** An experiment with the thresholds of its config. */
export interface Holder {
  hash: string;
  thresholds: unknown;
  /** Where they stand, for messages. */
  source: string;
}

/**
 * Every threshold of some experiments, each once, with those that have it.
 * @throws UserError where they are no thresholds
 */
export function collectThresholds(holders: readonly Holder[]): Held[] {
  const held = new Map<string, { threshold: Threshold; hashes: Set<string> }>();
  for (const { hash, thresholds: given, source } of holders) {
    const { thresholds, issues } = parseThresholds(given);
    if (issues.length > 0) throw new UserError(`unreadable thresholds in ${source}: ${issues[0].message}`);
    for (const threshold of thresholds) {
      const key = canonicalJson(threshold);
      const known = held.get(key);
      if (known) known.hashes.add(hash);
      else held.set(key, { threshold, hashes: new Set([hash]) });
    }
  }
  return [...held.values()];
}

/** Holds finished runs to thresholds, in order. What cannot be told of one does not stop the others. */
export function check(thresholds: readonly Held[], runs: readonly StudyRun[]): Outcome[] {
  const cells = cellsOf(runs);
  return thresholds.map(({ threshold, hashes }) => {
    const asked = hashes ? cells.filter(({ hash }) => hashes.has(hash)) : cells;
    try {
      return evaluate(threshold, asked, cells);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const name = [nameOf(threshold), scopeOf(threshold)].filter(Boolean).join(' ');
      return { threshold, reason: error.message, error: `cannot check ${name}: ${error.message}` };
    }
  });
}
