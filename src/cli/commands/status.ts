import type { Command } from 'commander';
import { folderName } from './options.js';
import type { StatusFlags } from '../status.js';

/** `byzsim status`. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show what of a sweep is done, running, queued (by Slurm) or failed')
    .argument('<file>', 'the sweep, a YAML file')
    .argument('[overrides...]', 'the words that byzsim sweep was given')
    .option('--out <folder>', 'where the run folders are', folderName, 'results')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Examples:
  byzsim status configs/paper/figure-a-mnist.yaml`,
    )
    .action(async (file: string, overrides: string[], flags: StatusFlags) => {
      const { status } = await import('../status.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await status(file, overrides, flags, builtins);
    });
}
