import type { Command } from 'commander';
import {
  backendOption,
  checkpointOption,
  deviceOption,
  tensorboardOption,
  threadCount,
  folderName,
} from './options.js';
import type { RunFlags } from '../run.js';

/** `byzsim run`. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .description('train as a config says and write accuracy curves to a run folder for each seed')
    .argument('<file>', 'the experiment, a YAML file')
    .argument('[overrides...]', "keys to change, such as optimizer.learningRate=0.05 'seeds=[1,2,3]'")
    .option('--out <folder>', 'where the run folders go', folderName, 'results')
    .addOption(backendOption())
    .addOption(deviceOption())
    .option('--threads <count>', 'compute threads (default: one a core)', threadCount)
    .addOption(checkpointOption())
    .addOption(tensorboardOption())
    .option('--force', 'run again what is already done, and from the beginning')
    .option('--quiet', 'print no progress, and no remarks on the results')
    .option('--json', 'print the summary as JSON')
    .option(
      '--check',
      'then hold the results to the thresholds of the config; exit status 1 if one is missed',
    )
    .option('--profile', 'show where the time went, and write it to profile.json in the run folder')
    .addHelpText(
      'after',
      `
Examples:
  byzsim run configs/quickstart.yaml
  byzsim run configs/mnist-signflip.yaml aggregator.rule=geometric-median \\
      'seeds=[1,2,3]'`,
    )
    .action(async (file: string, overrides: string[], flags: RunFlags) => {
      const { run } = await import('../run.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await run(file, overrides, flags, builtins);
    });
}
