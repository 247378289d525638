import { InvalidArgumentError, type Command } from 'commander';
import { wholeNumber } from '../../base/decimal.js';

/** `byzsim task`. */
export function registerTask(program: Command): void {
  program
    .command('task')
    .description('do one task of a plan.jsonl that byzsim sweep --launcher slurm or print wrote')
    .argument('<plan>', 'the plan.jsonl')
    .argument('<number>', 'which task, from 0', taskNumber)
    .addHelpText(
      'after',
      `
The scripts and commands of byzsim sweep --launcher run this. Exit status 75: it was
told by SIGUSR2 to keep a checkpoint and leave; the same command goes on.

Examples:
  byzsim task results/figure-a/tasks/1/plan.jsonl 0`,
    )
    .action(async (plan: string, number: number) => {
      const { task } = await import('../task.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await task(plan, number, builtins);
    });
}

function taskNumber(text: string): number {
  const number = wholeNumber(text);
  if (number === undefined) throw new InvalidArgumentError('It must be an integer from 0.');
  return number;
}
