import type { Case, Messages, Position } from './case.js';
import type { Rule } from './rule.js';

/** What a rule did that it should not have done. */
export interface Mismatch {
  /** Absent where it is no matter of messages. */
  messages?: Messages;
  /** What else was done: "workers in the order 2, 1". */
  change?: string;
  /** What came out, or a sentence of what happened. */
  result: number[] | string;
  expected: number[] | string;
}

/** How much two results that should be equal may differ, in parts of the largest number of their messages. */
export interface Tolerances {
  float64: number;
  float32: number;
}

interface Common {
  /** In a few words, for tables. */
  name: string;
  /** One line that says what holds, A(x) being what the rule makes of x. */
  states: string;
  /** Why it means nothing for this rule, or nothing. */
  without?: (rule: Rule) => string | undefined;
}

/** Something that may hold for messages of any numbers. */
export interface CaseProperty extends Common {
  position: Position;
  /** Whether a case of this n and f says something about it. */
  suits?: (rule: Rule, n: number, f: number) => boolean;
  /** Which part of the cases, where one takes long. */
  part?: number;
  /** Nothing where it holds. */
  check(
    rule: Rule,
    drawn: Case,
    tolerances: Tolerances,
  ): Mismatch | undefined | Promise<Mismatch | undefined>;
}

/** Something that is measured once. */
export interface MeasuredProperty extends Common {
  measure(rule: Rule): Mismatch | undefined | Promise<Mismatch | undefined>;
}

export type Property = CaseProperty | MeasuredProperty;

/** The mismatch of two results, if they differ by more than a part of the largest number around. */
export function differing(
  mismatch: Mismatch & { messages: Messages; result: number[]; expected: number[] },
  tolerance: number,
): Mismatch | undefined {
  const { messages, result, expected } = mismatch;
  const scale = largest([...messages.rows, expected]);
  const same =
    result.length === expected.length &&
    result.every((number, k) => Math.abs(number - expected[k]) <= tolerance * scale);
  return same ? undefined : mismatch;
}

/** The largest finite magnitude. */
function largest(rows: readonly (readonly number[])[]): number {
  return Math.max(0, ...rows.flat().filter(Number.isFinite).map(Math.abs));
}
