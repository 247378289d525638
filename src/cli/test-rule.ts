import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import type { Mapping } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';
import { loadImplementations } from '../compute/vectors/implementations.js';
import { catalogueOf, extend } from '../config/modules.js';
import { applyOverride, parseOverride } from '../config/overrides.js';
import { loadModule, type LoadedModule } from '../modules/load.js';
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
  const { named, catalogue } = await readRule(word, overrides, builtins);
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
  process.stdout.write(json ? verdictsAsJson(named, rule, verdicts) : formatVerdicts(verdicts));
  return verdicts.some(({ verdict }) => verdict === 'does not hold') ? 1 : 0;
}

/** The rule of a file or of a name, and a catalogue that has it and what modules its parameters name. */
async function readRule(
  word: string,
  overrides: readonly string[],
  builtins: Catalogue,
): Promise<{ named: Named; catalogue: Catalogue }> {
  const loaded = isFile(word) ? await loadRule(word, builtins) : undefined;
  const { kind, name } = loaded ? { ...loaded, name: loaded.definition.name } : find(word, builtins);
  const given = overrides.reduce<unknown>((values, text) => applyOverride(values, parseOverride(text)), {});
  const { raw, catalogue } = await catalogueOf({ aggregator: given }, builtins);
  const named = { kind, name, parameters: raw.aggregator as Mapping };
  return { named, catalogue: loaded ? extend(catalogue, [loaded]) : catalogue };
}

function isFile(word: string): boolean {
  return /[/\\]|\.m?[jt]s$/.test(word);
}

async function loadRule(
  file: string,
  { aggregators, metaAggregators }: Catalogue,
): Promise<LoadedModule & { kind: Named['kind'] }> {
  if (!existsSync(file)) throw new UserError(`missing module: ${file}`);
  const loaded = await loadModule(resolve(file));
  const {
    kind,
    definition: { name },
  } = loaded;
  if (kind !== 'aggregator' && kind !== 'metaAggregator')
    throw new UserError(
      `invalid module: ${file} defines ${name}, which is no rule (expected an aggregator or a meta-aggregator)`,
    );
  if ((kind === 'aggregator' ? aggregators : metaAggregators).has(name))
    throw new UserError(`invalid module: ${file} defines ${name}, which byzsim has (name it otherwise)`);
  return { ...loaded, kind };
}

function find(word: string, { aggregators, metaAggregators }: Catalogue): Pick<Named, 'kind' | 'name'> {
  if (aggregators.has(word)) return { kind: 'aggregator', name: word };
  if (metaAggregators.has(word)) return { kind: 'metaAggregator', name: word };
  const names = [...aggregators.keys(), ...metaAggregators.keys()];
  const guess = nearest(word, names);
  throw new UserError(
    `unknown rule: ${show(word)} (${guess ? `did you mean ${guess}?` : `a file, or one of ${names.join(', ')}`})`,
  );
}
