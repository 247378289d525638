import type { Command } from 'commander';
import type { CheckFlags } from '../check.js';
import { append, folderName } from './options.js';

/** `byzsim check`. */
export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('hold finished runs to thresholds; exit status 1 if one is missed, 2 if a run is missing')
    .argument('[paths...]', 'folders of results; and keys to change in --config')
    .option('--config <file>', 'a config or sweep: all of its runs must be there, and meet its thresholds')
    .option('--out <folder>', 'where the run folders of --config are', folderName, 'results')
    .option(
      '--threshold <test>',
      'instead of the configs\' own: "final.test_accuracy: mean >= 0.95"; repeatable',
      append,
    )
    .option('--where <key=value>', 'for which cells --threshold is, attack=sign-flip; repeatable', append)
    .option('--against <key=value>', 'beside which cells, weighted=false; repeatable', append)
    .option('--junit <file>', 'write the outcome as JUnit XML, a test case for each threshold and cell')
    .option('--json', 'print the outcome as JSON')
    .addHelpText(
      'after',
      `
A cell is the runs of one experiment, over its seeds. Tests of a cell: mean, std, min, max
with >=, <=, > or < and a number. Of a cell beside another: difference >= 0.02; better, not
worse, not better, worse (Welch's t, 5 % two-sided), of which those with "not" pass whatever
is too noisy to tell; better by 0.005, not worse by 0.005, … have to be shown (one-sided).

Examples:
  byzsim check results/mnist-signflip
  byzsim check --config configs/paper/figure-a-mnist.yaml --junit junit.xml
  byzsim check results/figure-a --where weighted=true \\
      --threshold 'final.test_accuracy: mean >= 0.95'
  byzsim check results/figure-a --against weighted=false \\
      --threshold 'final.test_accuracy: better by 0.01'`,
    )
    .action(async (words: string[], flags: CheckFlags) => {
      const { checkCommand } = await import('../check.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await checkCommand(words, flags, builtins);
    });
}
