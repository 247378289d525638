import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../../base/decimal.js';
import type { Backend } from '../../compute/engine.js';
import { maxSeeds } from '../../base/limits.js';
import { mostThreads } from '../../run/machine.js';

/** Options that several commands have. */

export const backends: readonly Backend[] = ['auto', 'tensorflow', 'onnx', 'wasm', 'cpu'];

export function backendOption(): Option {
  return new Option('--backend <name>', 'the engine that computes gradients')
    .choices(backends)
    .default('auto');
}

export function deviceOption(): Option {
  return new Option('--device <name>', 'where it computes')
    .choices(['auto', 'cpu', 'cuda', 'webgpu'])
    .default('auto');
}

/** Reads --threads or --jobs. */
export function threadCount(text: string): number {
  const cores = availableParallelism();
  return integerUpTo(mostThreads(), text, `, as there are ${cores} ${cores === 1 ? 'core' : 'cores'}`);
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
