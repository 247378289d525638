import type { Command } from 'commander';

/** `byzsim export`. */
export function registerExport(program: Command): void {
  program
    .command('export')
    .description('hand finished runs to TensorBoard, MLflow, LaTeX, or as a table')
    .argument('<paths...>', 'run folders, or folders around them')
    .requiredOption(
      '--to <format...>',
      'tensorboard DIR, mlflow DIR or URL of a server; to standard output: latex, csv, json',
    )
    .addHelpText(
      'after',
      `
Tables have a row an experiment: mean and sample deviation over its seeds.

Examples:
  byzsim export results/figure-a --to tensorboard events
  byzsim export results/figure-a --to mlflow mlruns
  byzsim export results/figure-a --to mlflow http://127.0.0.1:5000
  byzsim export results/figure-a --to latex`,
    )
    .action(async (paths: string[], { to }: { to: string[] }) => {
      const { exportRuns } = await import('../export.js');
      const { builtins } = await import('../../simulation/catalogue.js');
      process.exitCode = await exportRuns(paths, to, builtins);
    });
}
