import type { Command } from 'commander';
import { folderName } from './options.js';
import type { CollectFlags } from '../collect.js';

/** `byzsim collect`. */
export function registerCollect(program: Command): void {
  program
    .command('collect')
    .description('write the tables of a sweep from the runs that are there, whoever did them')
    .argument('<file>', 'the sweep, a YAML file')
    .argument('[overrides...]', 'the words that byzsim sweep was given')
    .option('--out <folder>', 'where the run folders are', folderName, 'results')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Examples:
  byzsim collect configs/paper/figure-a-mnist.yaml`,
    )
    .action(async (file: string, overrides: string[], flags: CollectFlags) => {
      const { collect } = await import('../collect.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await collect(file, overrides, flags, builtins);
    });
}
