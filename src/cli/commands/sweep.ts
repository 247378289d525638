import { Option, type Command } from 'commander';
import {
  backendOption,
  checkpointOption,
  deviceOption,
  tensorboardOption,
  folderName,
  oneLine,
  runCount,
  threadCount,
  timeLimit,
} from './options.js';
import type { SweepFlags } from '../sweep-flags.js';

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
    .option('--out <folder>', 'where the run folders go', folderName, 'results')
    .option('--jobs <count>', 'runs at once (default: one a core; one on a GPU)', threadCount)
    .option('--threads <count>', 'compute threads of each run (default: the cores left for it)', threadCount)
    .addOption(backendOption())
    .addOption(deviceOption())
    .addOption(checkpointOption())
    .addOption(tensorboardOption())
    .addOption(
      new Option('--launcher <where>', 'run here, submit an array of tasks, or print a command a task')
        .choices(['local', 'slurm', 'print'])
        .default('local'),
    )
    .option(
      '--runs-per-task <count>',
      'slurm, print: runs of a task, one after another (default: 1)',
      runCount,
    )
    .option('--limit <count>', 'slurm: tasks at once (default: no limit)', runCount)
    .option(
      '--time <limit>',
      "slurm: a task's time, such as 2:00:00, after which it is queued again",
      timeLimit,
    )
    .option('--partition <name>', 'slurm: where the tasks run', oneLine)
    .option('--gres <list>', 'slurm: what a task needs, such as gpu:1', oneLine)
    .option('--force', 'run again what is already done, and from the beginning')
    .option('--quiet', 'print no progress, and no remarks on the results')
    .option('--json', 'print the result as JSON')
    .option('--check', 'then hold the results to the thresholds of the file; exit status 1 if one is missed')
    .addHelpText(
      'after',
      `
Values to vary stand in the file, under matrix, or on the command line:
  key=a,b,c         each of them; what stands in [] or {} is one value
  'key=range(0,5)'  0, 1, 2, 3, 4; range(10,50,10) is 10, 20, 30, 40

Slurm takes any option of sbatch from the file, under slurm, by its long name
(slurm: {mem: 4G, account: abc}); setup there has lines of shell to run first.

Examples:
  byzsim sweep configs/paper/figure-a-mnist.yaml -n
  byzsim sweep configs/quickstart.yaml aggregator=cwmed,geometric-median,mean \\
      'seeds=range(1,6)'`,
    )
    .action(async (file: string, overrides: string[], flags: SweepFlags) => {
      const { sweep } = await import('../sweep.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await sweep(file, overrides, flags, builtins);
    });
}
