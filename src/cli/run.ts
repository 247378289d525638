import { dirname, join } from 'node:path';
import { describeRemarks } from '../config/remarks.js';
import type { LoadedConfig } from '../config/loaded.js';
import { writeJson } from '../results/files.js';
import type { RunSummary } from '../results/run-folder.js';
import { summarizeSeeds, type SeedsSummary } from '../results/seeds.js';
import { describeByzantineWeight } from './byzantine-weight.js';
import { duration, percent, short } from '../base/format.js';
import { collectSeldom } from '../run/garbage.js';
import type { EngineFlags } from '../run/run-seed.js';
import { runSeeds } from '../run/run-seeds.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { loadConfig } from '../sweep/load.js';
import { Interrupted, interruptible } from './interrupt.js';
import { createReporter } from './reporter.js';
import { outliveOutput } from './streams.js';

export interface RunFlags extends EngineFlags {
  out: string;
  checkpointEvery?: number;
  tensorboard?: string;
  force?: boolean;
  quiet?: boolean;
  json?: boolean;
  check?: boolean;
}

/**
 * Runs every seed of a config that is not done yet and prints the results. Exit status: 0, or 1 when a run ended early or
 * missed a threshold, 2 when a threshold could not be told, 75, 129, 130 or 143 when interrupted.
 */
export async function run(
  file: string,
  overrides: string[],
  flags: RunFlags,
  catalogue: Catalogue,
): Promise<number> {
  outliveOutput();
  collectSeldom();
  const loaded = await loadConfig(file, overrides, catalogue);
  const { config, identity } = loaded;
  const checks = flags.check ? await import('./check.js') : undefined;
  if (checks && !config.thresholds) throw checks.missingThresholds(file);
  checks?.requireMatches([{ config, identity }], file, catalogue);
  const runs: RunSummary[] = [];
  try {
    await interruptible((signal) => runAndPrint(loaded, catalogue, flags, signal, runs));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.stderr.write(`byzsim: ${error.message}; what is done is kept, the same command goes on\n`);
    return error.exitStatus;
  }

  const folder = dirname(runs[0].path);
  const summary = summarizeSeeds(runs);
  writeJson(join(folder, 'summary.json'), summary);
  const outcomes = checks?.checkPlanned(
    runs.map(({ seed, path }) => ({ config, identity, seed, folder: path })),
    { paths: [folder], source: file, catalogue },
  );
  if (flags.json) {
    const check = outcomes && checks?.outcomesJson(outcomes);
    process.stdout.write(JSON.stringify({ ...summary, path: folder, runs, check }, undefined, 2) + '\n');
  } else if (runs.length > 1) process.stdout.write(describeSeeds(summary, folder));

  const remarks = flags.quiet ? [] : describeRemarks(config, catalogue);
  for (const remark of remarks) process.stderr.write(`byzsim: ${remark}\n`);
  const early = runs.filter(({ status }) => status !== 'done');
  for (const { seed, message } of early) process.stderr.write(`byzsim: seed ${seed}: ${message}\n`);
  const warning = describeByzantineWeight(runs);
  if (warning && !flags.quiet) process.stderr.write(`${warning}\n`);
  const status = early.length > 0 ? 1 : 0;
  if (!checks || !outcomes) return status;
  return Math.max(status, flags.json ? checks.conclude(outcomes) : checks.printOutcomes(outcomes, {}));
}

/** Adds the summary of each seed to `runs`. */
async function runAndPrint(
  loaded: LoadedConfig,
  catalogue: Catalogue,
  flags: RunFlags,
  signal: AbortSignal,
  runs: RunSummary[],
): Promise<void> {
  const { unit } = catalogue.modes.get(loaded.config.mode)!;
  const options = {
    ...flags,
    signal,
    reporter: await createReporter(flags.quiet ?? false),
    onInvalid: (seed: number, reason: string) =>
      void process.stderr.write(`byzsim: seed ${seed}: ${reason}: it is run again\n`),
  };
  for await (const summary of runSeeds(loaded, catalogue, options)) {
    runs.push(summary);
    if (!flags.json) process.stdout.write(describeRun(summary, unit));
  }
}

function describeRun(summary: RunSummary, unit: string): string {
  const { seed, final, best, wall_seconds, path } = summary;
  const indent = ' '.repeat(`seed ${seed}  `.length);
  const lines = [
    `${describeFinal(final)}${describeBest(best)}; ${describeLength(summary, unit)} in ${duration(wall_seconds)}`,
    join(path, 'metrics.csv'),
  ];
  return `seed ${seed}  ${lines.join(`\n${indent}`)}\n`;
}

/** "3750 updates", "stopped in step 4 of 10": of a run that ended early. */
function describeLength({ status, stopped_in, updates }: RunSummary, unit: string): string {
  if (status === 'done') return `${updates} ${unit}${updates === 1 ? '' : 's'}`;
  return stopped_in === undefined ? 'ended early' : `stopped in ${unit} ${stopped_in} of ${updates}`;
}

function describeFinal({ test_accuracy: accuracy, test_loss: loss }: RunSummary['final']): string {
  return accuracy === undefined ? `test loss ${short(loss)}` : `test accuracy ${percent(accuracy)}`;
}

function describeBest({ test_accuracy: accuracy, test_loss: loss, update }: RunSummary['best']): string {
  if (update === undefined) return '';
  return `, best ${accuracy === undefined ? short(loss) : percent(accuracy)} at update ${update}`;
}

function describeSeeds({ seeds, final }: SeedsSummary, folder: string): string {
  const { test_accuracy: accuracy, test_loss: loss } = final;
  const result = accuracy
    ? `test accuracy ${percent(accuracy.mean)} ± ${percent(accuracy.deviation)}`
    : `test loss ${short(loss?.mean)} ± ${short(loss?.deviation)}`;
  return `${seeds.length} seeds  ${result} (mean ± deviation)\n         ${join(folder, 'summary.json')}\n`;
}
