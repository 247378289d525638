import { InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from '../../base/decimal.js';
import type { TestRuleFlags } from '../test-rule.js';

/** `byzsim test-rule`. */
export function registerTestRule(program: Command): void {
  program
    .command('test-rule')
    .description('hold a rule, a module of yours or one by name, to what rules should do')
    .argument('<rule>', 'FILE that defines an aggregator or meta-aggregator, or a name: cwmed')
    .argument('[parameters...]', "key=value: f=1, radius=2, weighted=false, 'meta=[nnm]'")
    .option('--cases <count>', 'sets of messages drawn for each property', caseCount, 200)
    .option('--seed <number>', 'of all that is drawn', seedNumber, 1)
    .option('--tolerance <number>', 'of equal results, in parts of the largest number', tolerance, 1e-9)
    .option('--json', 'print everything found as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText(
      'after',
      `
Draws up to 12 messages, n and f as the rule takes them, and prints for each property
whether it holds, with the smallest counter-example found. Not every sound rule has all
of them: one with a radius does not scale with its messages, and one that takes the
first of equals depends on their order. A meta-aggregator is held to what it makes of
the mean. Weights count where the rule has a weighted form. Raise --tolerance for a
rule that iterates until it is near enough.

Exit status: 0 all hold that apply; 1 one does not; 2 usage.

Examples:
  byzsim test-rule cwmed
  byzsim test-rule centered-clipping radius=2 start=cwmed
  byzsim test-rule FILE --cases 2000 --json`,
    )
    .action(async (rule: string, parameters: string[], flags: TestRuleFlags) => {
      const { testRule } = await import('../test-rule.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await testRule(rule, parameters, flags, builtins);
    });
}

function caseCount(text: string): number {
  const value = wholeNumber(text);
  if (value === undefined || value < 1 || value > 1e6)
    throw new InvalidArgumentError('It must be an integer from 1 to 1,000,000.');
  return value;
}

function seedNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === undefined || value < 0 || value > 2 ** 31 - 1)
    throw new InvalidArgumentError('It must be an integer from 0 to 2147483647.');
  return value;
}

function tolerance(text: string): number {
  const value = /^[\d.eE+-]+$/.test(text) ? Number(text) : NaN;
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must be a number in (0, 1), as in 1e-6.');
  return value;
}
