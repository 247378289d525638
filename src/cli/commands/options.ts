import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../../base/decimal.js';
import { backends, devices } from '../../compute/engine.js';
import { maxRuns, maxSeeds, maxUpdates } from '../../base/limits.js';
import { mostThreads } from '../../run/machine.js';
import { isTimeLimit, timeFormats } from '../../sweep/slurm/time.js';

/** Options that several commands have. */

export function backendOption(): Option {
  return new Option('--backend <name>', 'the engine that computes gradients')
    .choices(backends)
    .default('auto');
}

export function deviceOption(): Option {
  return new Option('--device <name>', 'where it computes').choices(devices).default('auto');
}

/** Reads --threads or --jobs. */
export function threadCount(text: string): number {
  const cores = availableParallelism();
  return integerUpTo(mostThreads(), text, `, as there are ${cores} ${cores === 1 ? 'core' : 'cores'}`);
}

export function checkpointOption(): Option {
  return new Option(
    '--checkpoint-every <updates>',
    'how often the state of a run is kept, to go on from (default: every 5 minutes)',
  ).argParser((text) => integerUpTo(maxUpdates, text));
}

export function tensorboardOption(): Option {
  return new Option(
    '--tensorboard <folder>',
    'write event files for TensorBoard there as well, while it runs',
  ).argParser(folderName);
}

/** Reads the name of a folder. What stands for a place on a network would become a folder of that name. */
export function folderName(text: string): string {
  if (text.includes('://')) throw new InvalidArgumentError('It must be a folder, not a URL.');
  return text;
}

/** Reads --time of sbatch. */
export function timeLimit(text: string): string {
  if (!isTimeLimit(text)) throw new InvalidArgumentError(`It must be ${timeFormats}.`);
  return text;
}

/** Reads another option of sbatch, which becomes a line of its script. */
export function oneLine(text: string): string {
  if (!/^[^\n\r]+$/.test(text)) throw new InvalidArgumentError('It must be one line of text.');
  return text;
}

/** Reads --runs-per-task and --limit. */
export function runCount(text: string): number {
  return integerUpTo(maxRuns, text);
}

/** Reads --seeds. */
export function seedCount(text: string): number {
  return integerUpTo(maxSeeds, text);
}

function integerUpTo(most: number, text: string, reason = ''): number {
  const value = wholeNumber(text);
  if (value === undefined || value < 1 || value > most)
    throw new InvalidArgumentError(`It must be an integer from 1 to ${most.toLocaleString('en')}${reason}.`);
  return value;
}

/** Reads an option such as --within. */
export function positiveNumber(text: string): number {
  const value = /^[-+.\deE]+$/.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** Of an option that may be given several times. */
export function append(value: string, list: string[] = []): string[] {
  return [...list, value];
}
