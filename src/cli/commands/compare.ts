import type { Command } from 'commander';
import { positiveNumber } from './options.js';
import type { CompareFlags } from '../compare.js';

/** `byzsim compare`. */
export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('two studies beside each other: what differs by more than noise between seeds')
    .argument('<a>', 'a folder of results')
    .argument('<b>', 'another, such as that of a branch')
    .argument(
      '[choices...]',
      'y=test_loss, or any column of metrics.csv; y=best.test_accuracy for the best row',
    )
    .option('--json', 'print the comparison as JSON')
    .option('--csv', 'print the comparison as CSV')
    .option(
      '--within <difference>',
      'say which cells are shown to differ by less, 0.005 for half a point of accuracy',
      positiveNumber,
    )
    .option(
      '--fail-on-difference',
      'exit status 1 if a cell differs by more than noise (with --within: unless it is shown to differ by less), ' +
        '2 if one cannot be compared',
    )
    .addHelpText(
      'after',
      `
Cells, which are the runs of one experiment over its seeds, are paired by the hash of their
config, or else by the keys that tell them apart. Whether a difference is more than noise is
decided by Welch's t-test at the level of 5 %, two-sided, for each cell on its own. No more
than noise does not mean the same: a study of few seeds hides much. --within shows that.

Examples:
  byzsim compare results/main results/branch
  byzsim compare results/main results/branch --within 0.005 --fail-on-difference
  byzsim compare results/main results/branch y=test_loss --csv > difference.csv`,
    )
    .action(async (a: string, b: string, choices: string[], flags: CompareFlags) => {
      const { compare } = await import('../compare.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = compare(a, b, choices, flags, builtins);
    });
}
