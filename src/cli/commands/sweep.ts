import type { Command } from 'commander';
import { backendOption, checkpointOption, deviceOption, threadCount } from './options.js';
import type { SweepFlags } from '../sweep.js';

/** `byzsim sweep`. */
export function registerSweep(program: Command): void {
  program
    .command('sweep')
    .description('run every combination of some values of keys, several at once; done runs are not run again')
    .argument('<file>', 'a config, with a matrix of values or without')
    .argument(
      '[overrides...]',
      'keys to change, such as optimizer=sgd, or to vary, such as aggregator=cwmed,krum',
    )
    .option('-n, --dry-run', 'show the runs and which are done; compute nothing')
    .option('--out <folder>', 'where the run folders go', 'results')
    .option('--jobs <count>', 'runs at once (default: one a core; one on a GPU)', threadCount)
    .option('--threads <count>', 'compute threads of each run (default: the cores left for it)', threadCount)
    .addOption(backendOption())
    .addOption(deviceOption())
    .addOption(checkpointOption())
    .option('--force', 'run again what is already done, and from the beginning')
    .option('--quiet', 'print no progress')
    .option('--json', 'print the result as JSON')
    .option('--check', 'then hold the results to the thresholds of the file; exit status 1 if one is missed')
    .addHelpText(
      'after',
      `
Values to vary stand in the file, under matrix, or on the command line:
  key=a,b,c         each of them; what stands in [] or {} is one value
  'key=range(0,5)'  0, 1, 2, 3, 4; range(10,50,10) is 10, 20, 30, 40

Examples:
  byzsim sweep configs/paper/figure-a-mnist.yaml -n
  byzsim sweep configs/quickstart.yaml aggregator=cwmed,geometric-median,mean 'seeds=range(1,6)'`,
    )
    .action(async (file: string, overrides: string[], flags: SweepFlags) => {
      const { sweep } = await import('../sweep.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await sweep(file, overrides, flags, builtins);
    });
}
