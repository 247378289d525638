import { Option, type Command } from 'commander';
import { backendOption, deviceOption, seedCount, threadCount, folderName } from './options.js';
import type { ReproduceFlags } from '../reproduce.js';

/** `byzsim reproduce`. */
export function registerReproduce(program: Command): void {
  program
    .command('reproduce')
    .description('run a study of a paper, draw it, report on it, and hold it to what the paper claims')
    .argument('<study>', 'figure-a, ctma, async-sync or another of those below')
    .argument('[overrides...]', 'keys to change, such as updates=1000')
    .addOption(new Option('--dataset <name>', 'on which data').choices(['mnist', 'cifar10']).default('mnist'))
    .option(
      '--seeds <count>',
      'how many seeds, from 1 (default: 3; figure-a-seeds: 10, async-field-tuning: 1)',
      seedCount,
    )
    .option('-n, --dry-run', 'show the runs and which are done; compute nothing')
    .option('--out <folder>', 'where the study goes', folderName, 'results')
    .option('--jobs <count>', 'runs at once (default: one a core; one on a GPU)', threadCount)
    .option('--threads <count>', 'compute threads of each run (default: the cores left for it)', threadCount)
    .addOption(backendOption())
    .addOption(deviceOption())
    .option('--quiet', 'print no progress, and no remarks on the results')
    .addHelpText(
      'after',
      `
The figures of "Weight for Robustness" (NeurIPS 2024):
  figure-a            rules that weigh messages by update counts, against the same without
  figure-a-seeds      those without over ten seeds, MNIST only: how much they scatter
  figure-b            weighted rules with and without the meta-aggregator ω-CTMA
  figure-c            μ²-SGD, momentum and SGD
  figure-c-published  the same under little, MNIST only: from the setting of figure-c to that of the published code
  table-1             the worst that its rules let happen, searched for, beside the proved c_λ (byzsim robustness); trains nothing

Synchronous training, "Fault Tolerant ML" (ICML 2024), MNIST only:
  ctma                robust rules with and without CTMA and NNM; double momentum
  ctma-bucketing      CTMA against bucketing, with fewer Byzantine workers

No trusted server, "Genuinely Distributed Byzantine Machine Learning" (PODC 2020),
MNIST only; byzsgd is all three:
  byzsgd-attacks      ByzSGD at its bound, all attacks of workers and of servers
  byzsgd-baselines    what it costs beside one trusted server: updates, virtual time
  byzsgd-gather       how far correct servers drift apart, with gathering and without

How the error falls with T and grows with λ, on small problems; rates is both:
  rates-quadratic     SGD, momentum and μ²-SGD with and without ω-CTMA, on points
  rates-logistic      the same on logistic regression

Of no paper, MNIST only:
  async-sync          when asynchrony pays: both kinds of training in virtual time
  async-field         weighted rules with ω-CTMA beside FedAsync, FedBuff, Kardam, Zeno++, AFLGuard and BASGD
  async-field-id      the same where slow workers are heard more often
  async-field-tuning  learning rates and parameters of the latter

Each is a sweep in configs/paper, with the paper's claim as its thresholds. What is
done already is not run again. The study folder gets the runs, runs.csv, metrics.csv,
figure.svg and further figures, and report.html. On MNIST a figure of the first paper
takes some 40 minutes of two cores.

Examples:
  byzsim reproduce figure-a
  byzsim reproduce figure-c --dataset cifar10 --seeds 1
  byzsim reproduce ctma`,
    )
    .action(async (study: string, overrides: string[], flags: ReproduceFlags) => {
      const { reproduce } = await import('../reproduce.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await reproduce(study, overrides, flags, builtins);
    });
}
