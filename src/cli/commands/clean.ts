import type { Command } from 'commander';
import type { CleanFlags } from '../clean.js';

/** `byzsim clean`. */
export function registerClean(program: Command): void {
  program
    .command('clean')
    .description('list, or remove, what runs left that failed or were interrupted, and tasks that are over')
    .argument('<paths...>', 'run folders, or folders around them')
    .option('--yes', 'remove what is listed')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Listed are runs that failed, were interrupted, or left nothing that says what became
of them, checkpoints that were set aside, and what sweep --launcher made for tasks
that are over. A run that has a result stays, and so does what a process is writing
or Slurm has in its queue. An interrupted run would go on from its checkpoint.

Examples:
  byzsim clean results
  byzsim clean results/figure-a --yes`,
    )
    .action(async (paths: string[], flags: CleanFlags) => {
      const { clean } = await import('../clean.js');
      process.exitCode = clean(paths, flags);
    });
}
