import { InvalidArgumentError, Option } from 'commander';
import type { Backend } from '../../compute/engine.js';

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

/** Reads an option such as --threads. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be an integer, 1 or more.');
  return value;
}

/** Reads an option such as --within. */
export function positiveNumber(text: string): number {
  const value = /^[-+.\deE]+$/.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
