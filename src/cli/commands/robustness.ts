import { InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from '../../base/decimal.js';
import type { RobustnessFlags } from '../robustness.js';

/** `byzsim robustness`. */
export function registerRobustness(program: Command): void {
  program
    .command('robustness')
    .description('search for the worst that a rule lets happen: an empirical c_λ, beside the bound')
    .argument(
      '[rules...]',
      'cwmed, cwmed+ctma, a file of your own, or a mapping as in a config (default: Table 1)',
    )
    .option('--lambda <list>', 'λ: numbers, or from:to:step', lambdas, range(0, 0.45, 0.05))
    .option('--cases <count>', 'vector sets drawn for each rule and λ', caseCount, 300)
    .option('--seed <number>', 'of all that is drawn', seedNumber, 1)
    .option('-o, --output <file>', 'a figure, .svg, .pdf or .png; its numbers go beside it as .summary.csv')
    .option('--json', 'print everything found as JSON, the worst cases with it')
    .option('--quiet', 'print no progress')
    .addHelpText(
      'after',
      `
Of a set G of messages that has 1 - λ of the weight, x̄ is the weighted mean and ρ² that
of |x_i - x̄|². A rule is (c_λ, λ)-robust if |A - x̄|² ≤ c_λ ρ² whatever the others are.
Printed is the greatest |A - x̄|²/ρ² found over random vectors, weights and G, under all
attacks and by local search: a lower limit of c_λ; and c_λ where one was proved.

Weights count where a rule has a weighted form. Exit status 1: more was found than proved.

Examples:
  byzsim robustness
  byzsim robustness cwmed cwmed+ctma trimmed-mean --lambda 0.1,0.3 \\
      -o robustness.svg
  byzsim robustness '{rule: cwmed, weighted: false}' --cases 2000`,
    )
    .action(async (rules: string[], flags: RobustnessFlags) => {
      const { robustness } = await import('../robustness.js');
      const { tableOneRules } = await import('../table-one.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      const chosen = rules.length > 0 ? rules : tableOneRules.map(({ word }) => word);
      process.exitCode = await robustness(chosen, flags, builtins);
    });
}

/** Reads --lambda: 0.1,0.2 or 0:0.45:0.05. */
function lambdas(text: string): number[] {
  const parts = text.split(':');
  const numbers = (parts.length === 3 ? parts : text.split(',')).map((part) =>
    /^[\d.eE-]+$/.test(part) ? Number(part) : NaN,
  );
  const values = parts.length === 3 ? range(numbers[0], numbers[1], numbers[2]) : numbers;
  if (values.length === 0 || !values.every((value) => value >= 0 && value < 0.5))
    throw new InvalidArgumentError('It must be numbers in [0, 0.5), as in 0.1,0.2 or 0:0.45:0.05.');
  return values;
}

/** From one number to another, both included, rounded to what decimals show. */
function range(from: number, to: number, step: number): number[] {
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (!(count >= 1 && count <= 1000)) return [];
  return Array.from({ length: count }, (_, k) => Number((from + k * step).toPrecision(12)));
}

function caseCount(text: string): number {
  const value = wholeNumber(text);
  if (value === undefined || value < 1 || value > 1e7)
    throw new InvalidArgumentError('It must be an integer from 1 to 10,000,000.');
  return value;
}

function seedNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === undefined || value < 0 || value > 2 ** 32 - 1)
    throw new InvalidArgumentError('It must be an integer from 0 to 4294967295.');
  return value;
}
