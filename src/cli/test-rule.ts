import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import type { Mapping } from '../base/mapping.js';
import { isFile } from './rule-file.js';
import { nearest } from '../base/suggest.js';
import { loadImplementations } from '../compute/vectors/implementations.js';
import { bring, catalogueOf } from '../config/modules.js';
import { applyOverride, parseOverride } from '../config/overrides.js';
import { hold, properties, type Verdict } from '../properties/hold.js';
import { Rule, type Named } from '../properties/rule.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { Interrupted, interruptible } from './interrupt.js';
import { createReporter } from './reporter.js';
import { formatVerdicts, verdictsAsJson } from './verdicts.js';

export interface TestRuleFlags {
  cases: number;
  seed: number;
  tolerance: number;
  json?: boolean;
  quiet?: boolean;
}

/** What float32 leaves of equal results, in the same parts. */
const float32 = 1e-4;

/**
 * Holds a rule to every property, and prints what was found. Exit status: 0; 1 where one does not hold; 129, 130 or 143
 * when interrupted.
 *
 * @param word a file, or a name
 * @param overrides parameters, key=value
 */
export async function testRule(
  word: string,
  overrides: readonly string[],
  { cases, seed, tolerance, json, quiet = false }: TestRuleFlags,
  builtins: Catalogue,
): Promise<number> {
  const { named, asked, catalogue } = await readRule(word, overrides, builtins);
  const rule = new Rule(named, catalogue, await loadImplementations());
  const tolerances = { float64: tolerance, float32: Math.max(tolerance, float32) };
  const verdicts: Verdict[] = [];
  const reporter = await createReporter(quiet);
  try {
    await interruptible(async (signal) => {
      reporter.begin('testing', properties.length, 'property', 0);
      for (const [k, property] of properties.entries()) {
        verdicts.push(await hold(rule, property, { cases, seed, tolerances, signal }));
        reporter.update(k + 1);
      }
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(`byzsim: ${error.message}\n`);
    return error.exitStatus;
  } finally {
    reporter.end();
  }
  process.stdout.write(json ? verdictsAsJson(named, asked, rule, verdicts) : formatVerdicts(rule, verdicts));
  return verdicts.some(({ verdict }) => verdict === 'does not hold') ? 1 : 0;
}

/** The rule of a file or of a name, also as a config has it, and a catalogue that has it and what modules its parameters name. */
async function readRule(
  word: string,
  overrides: readonly string[],
  builtins: Catalogue,
): Promise<{ named: Named; asked: Mapping; catalogue: Catalogue }> {
  const found = isFile(word)
    ? await bringRule(word, builtins)
    : { ...find(word, builtins), catalogue: builtins };
  const given = overrides.reduce<unknown>((values, text) => applyOverride(values, parseOverride(text)), {});
  const { raw, catalogue } = await catalogueOf({ aggregator: given }, found.catalogue);
  const { kind, name } = found;
  const asked = { ...(isFile(word) ? { module: word } : { rule: name }), ...(given as Mapping) };
  return { named: { kind, name, parameters: raw.aggregator as Mapping }, asked, catalogue };
}

async function bringRule(
  file: string,
  builtins: Catalogue,
): Promise<Pick<Named, 'kind' | 'name'> & { catalogue: Catalogue }> {
  const { loaded, catalogue } = await bring(file, builtins);
  const {
    kind,
    definition: { name },
  } = loaded;
  if (kind === 'aggregator' || kind === 'metaAggregator') return { kind, name, catalogue };
  if (kind === 'arrivalRule') refuseOneByOne(name);
  throw new UserError(
    `invalid module: ${file} defines ${name}, which is no rule (expected an aggregator or a meta-aggregator)`,
  );
}

function find(
  word: string,
  { aggregators, metaAggregators, arrivalRules }: Catalogue,
): Pick<Named, 'kind' | 'name'> {
  if (aggregators.has(word)) return { kind: 'aggregator', name: word };
  if (metaAggregators.has(word)) return { kind: 'metaAggregator', name: word };
  if (arrivalRules.has(word)) refuseOneByOne(word);
  const names = [...aggregators.keys(), ...metaAggregators.keys()];
  const guess = nearest(word, names);
  throw new UserError(
    `unknown rule: ${show(word)} (${guess ? `did you mean ${guess}?` : `a file, or one of ${names.join(', ')}`})`,
  );
}

/** What is tested here is said of all messages at once. */
function refuseOneByOne(name: string): never {
  throw new UserError(
    `invalid rule: ${name} takes messages one by one as they arrive (expected an aggregator or a meta-aggregator)`,
  );
}
