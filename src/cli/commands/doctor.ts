import type { Command } from 'commander';

/** `byzsim doctor`. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at this machine: which engines load, which do not and why, GPU, data')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Loads each engine on each device and times a small gradient. byzsim bench measures real ones.
Exit status: 0 when an engine loads, else 2.`,
    )
    .action(async (flags: { json?: boolean }) => {
      const { doctor } = await import('../doctor.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await doctor(flags, builtins);
    });
}
