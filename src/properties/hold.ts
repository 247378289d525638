import fc from 'fast-check';
import { placeInModule } from '../base/modules/import.js';
import { determinism, memory, simd, tensors, untouched } from './behaviour.js';
import { cases, type Case, type Messages, type Size } from './case.js';
import { leaks } from './leaks.js';
import type { CaseProperty, Mismatch, Property, Tolerances } from './property.js';
import type { Rule } from './rule.js';
import {
  agreement,
  copies,
  finite,
  ids,
  lost,
  order,
  outliers,
  proportion,
  scaling,
  ties,
  translation,
} from './values.js';

/** What a rule is held to, in the order of tables. */
export const properties: readonly Property[] = [
  finite,
  order,
  ids,
  ties,
  copies,
  proportion,
  agreement,
  translation,
  scaling,
  lost,
  outliers,
  determinism,
  memory,
  untouched,
  leaks,
  simd,
  tensors,
];

/** Whether a property holds of a rule, as far as cases tell. */
export interface Verdict {
  name: string;
  states: string;
  verdict: 'holds' | 'does not hold' | 'does not apply';
  /** Why it does not apply. */
  reason?: string;
  /** How many cases were tried. */
  cases?: number;
  /** The smallest case found in which it does not hold. */
  counterExample?: Mismatch;
}

export interface Effort {
  /** How many cases a property. */
  cases: number;
  seed: number;
  tolerances: Tolerances;
  signal?: AbortSignal;
}

/** Holds a rule to one property. */
export async function hold(rule: Rule, property: Property, effort: Effort): Promise<Verdict> {
  const { name, states } = property;
  const reason = property.without?.(rule);
  if (reason !== undefined) return { name, states, verdict: 'does not apply', reason };
  if ('measure' in property) {
    const counterExample = await caught(undefined, () => property.measure(rule));
    return { name, states, verdict: counterExample ? 'does not hold' : 'holds', cases: 1, counterExample };
  }
  const sizes = rule.sizes.filter(({ n, f }) => property.suits?.(rule, n, f) ?? true);
  if (sizes.length === 0)
    return { name, states, verdict: 'does not apply', reason: 'no n and f suits the rule' };
  const search = new Search(rule, property, effort);
  const cases = Math.max(1, Math.round(effort.cases * (property.part ?? 1)));
  const counterExample = await search.among(sizes, cases);
  if (!counterExample) return { name, states, verdict: 'holds', cases };
  const smaller = await search.smaller(sizes, counterExample, Math.min(cases, 50));
  return { name, states, verdict: 'does not hold', cases: search.tried, counterExample: smaller };
}

/** How long cases may follow each other before signals get their turn, in milliseconds. */
const longestTurn = 100;

/** Looks for cases in which a property does not hold. */
class Search {
  tried = 0;

  constructor(
    private readonly rule: Rule,
    private readonly property: CaseProperty,
    private readonly effort: Effort,
  ) {}

  /** One of these sizes, made as small as it gets. */
  async among(sizes: readonly Size[], numRuns: number): Promise<Mismatch | undefined> {
    const { seed, signal } = this.effort;
    let mismatch: Mismatch | undefined;
    let turn = performance.now();
    const holds = async (drawn: Case) => {
      // Or no signal would ever be heard.
      if (performance.now() - turn > longestTurn) {
        await new Promise((resolve) => setImmediate(resolve));
        turn = performance.now();
      }
      signal?.throwIfAborted();
      this.tried++;
      const found = await this.attempt(drawn);
      // Of failures the last one is the smallest: from each, only smaller ones are tried.
      mismatch = found ?? mismatch;
      return found === undefined;
    };
    await fc.check(fc.asyncProperty(cases(sizes, this.property.position), holds), { seed, numRuns });
    signal?.throwIfAborted();
    return mismatch;
  }

  /** One with fewer messages, if there is any: a number of them may fail where a smaller one does not. */
  async smaller(sizes: readonly Size[], known: Mismatch, numRuns: number): Promise<Mismatch> {
    const { rows, f } = known.messages!;
    for (const size of sizes) {
      if (size.n > rows.length || (size.n === rows.length && size.f >= f)) break;
      const found = await this.among([size], numRuns);
      if (found) return found;
    }
    return known;
  }

  private attempt(drawn: Case): Promise<Mismatch | undefined> {
    const { property, rule, effort } = this;
    return caught(drawn, () => property.check(rule, drawn, effort.tolerances));
  }
}

/** An error is a mismatch too: a rule has to make something of all messages whose n and f it takes. */
async function caught(
  messages: Messages | undefined,
  body: () => Mismatch | undefined | Promise<Mismatch | undefined>,
): Promise<Mismatch | undefined> {
  try {
    return await body();
  } catch (error) {
    const place = placeInModule(error);
    const sentence = error instanceof Error ? error.message : String(error);
    return { messages, result: `an error: ${place ? `${place}: ` : ''}${sentence}`, expected: 'a vector' };
  }
}
