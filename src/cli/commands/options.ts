import { InvalidArgumentError, Option } from 'commander';

/** Options that several commands have. */

export function backendOption(): Option {
  return new Option('--backend <name>', 'the engine that computes gradients')
    .choices(['auto', 'tensorflow', 'onnx', 'wasm', 'cpu'])
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
