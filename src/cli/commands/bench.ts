import { Argument, InvalidArgumentError, type Command } from 'commander';
import { backends } from '../../compute/engine.js';
import { threadCount } from './options.js';
import { benchModes, benchmarks, type Benchmark } from '../../bench/benchmarks.js';
import type { BenchFlags } from '../bench.js';

/** `byzsim bench`. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('measure this machine: kernels, rules, engines, runs, checkpoints')
    .addArgument(new Argument('[what...]', 'what to measure (default: all)').choices(benchmarks))
    .option('--modes <list>', `modes of the runs (default: ${benchModes.join()})`, known(benchModes, 'mode'))
    .option('--rules <list>', 'aggregators of the runs (default: cwmed,geometric-median)', names)
    .option(
      '--backend <list>',
      'engines of the runs, on the CPU (default: the best that loads)',
      known(backends, 'engine'),
    )
    .option('--threads <list>', 'compute threads of the runs (default: 1 and one a core)', counts)
    .option('--figure <file>', 'draw the costs of kernels or of rules, as SVG, PDF or PNG')
    .option('--quick', 'try each part once, on small sizes: the times mean little')
    .option('--quiet', 'print no progress')
    .option(
      '--json',
      'print everything measured as JSON, times in milliseconds unless the name says otherwise',
    )
    .addHelpText(
      'after',
      `
Takes some minutes; close what else is running. Runs are figure A's (async) and those of
configs/mnist-sync.yaml, on MNIST where it is (byzsim data list), else on digits.

Examples:
  byzsim bench
  byzsim bench runs --threads 1,2,4
  byzsim bench runs --modes sync --rules cwmed --threads 2
  byzsim bench runs --rules cwmed --backend onnx,wasm --threads 2
  byzsim bench rules --figure costs.svg
  byzsim bench kernels --figure changing.svg
  byzsim bench kernels engines --json > bench.json`,
    )
    .action(async (what: Benchmark[], flags: BenchFlags) => {
      const { bench } = await import('../bench.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await bench(what.length > 0 ? what : benchmarks, flags, builtins);
    });
}

function names(list: string): string[] {
  return [...new Set(list.split(','))];
}

/** Reads a list of some of these. */
function known<T extends string>(choices: readonly T[], what: string): (list: string) => T[] {
  return (list) => {
    const unknown = names(list).find((name) => !choices.includes(name as T));
    if (unknown !== undefined)
      throw new InvalidArgumentError(`No ${what} is called '${unknown}': use ${choices.join(', ')}.`);
    return names(list) as T[];
  };
}

function counts(list: string): number[] {
  return [...new Set(list.split(',').map(threadCount))];
}
