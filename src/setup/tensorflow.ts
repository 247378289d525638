import { existsSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageIn, tensorflowHome } from '../compute/tensorflow/package.js';
import { UserError } from '../base/errors.js';
import { buildBinding, installBinding } from './binding.js';
import { run } from './command.js';
import { makeFolder } from './folder.js';
import { findLibtensorflow, libraryFolder, type Libtensorflow } from './libtensorflow.js';
import { headersIn, installTensorflow } from './npm.js';
import { reasonOf } from './reason.js';
import { tensorflowVersion, tensorflowWheels } from './versions.js';
import { unpackWheels } from './wheels.js';

export interface TensorflowOptions {
  /** A folder with libtensorflow, or a wheel of tensorflow; otherwise it is downloaded. */
  from?: string;
  /** Download the one with CUDA 12. */
  cuda?: boolean;
  /** Build again though what is installed works. */
  force?: boolean;
}

/** What TensorFlow says of itself in a fresh process. */
export interface TensorflowTrial {
  version: string;
  device: string;
  /** Paths of the loaded libraries. */
  libraries: string[];
}

/** Where things are, and how a binding is tried (tests have their own). */
export interface TensorflowPlaces {
  cache: string;
  /** Tries a binding, or the installed one. @throws UserError why it does not work */
  attempt: (binding?: string) => Promise<TensorflowTrial>;
  note: (text: string) => void;
}

/** What is needed of a wheel: libraries, the C headers, what TensorFlow compiles CUDA kernels with. */
const members = new RegExp(
  [
    'tensorflow/libtensorflow_(cc|framework)[.]so[.]2$',
    'tensorflow/include/(tensorflow/c|tensorflow/core/platform|tsl/platform|xla/tsl/c)/.*[.]h$',
    'nvidia/[^/]+/lib/.*[.]so',
    'nvidia/cuda_nvcc/(bin|nvvm)/',
  ].join('|'),
);

/**
 * Installs the package, finds or fetches libtensorflow, builds the binding between them, tries it, and only then puts
 * it in place. Does nothing when that is what is installed already.
 *
 * @throws UserError with what to do, nothing installed being changed
 */
export async function setupTensorflow(
  options: TensorflowOptions,
  places: TensorflowPlaces,
): Promise<TensorflowTrial & { changed: boolean }> {
  const { cache, attempt, note } = places;
  if (options.from && options.cuda)
    throw new UserError(
      'invalid options: --from and --cuda: the library named with --from is with CUDA or is not',
    );
  checkPlatform(options);
  const home = tensorflowHome(cache);
  await installTensorflow(home, note);
  const packageFolder = packageIn(home);

  if (!options.force) {
    const installed = await attempt().catch(() => undefined);
    if (installed && isWanted(installed, options, cache)) return { ...installed, changed: false };
  }
  const library = await obtainLibrary(options, cache, note);
  const bindings = join(cache, 'tensorflow/bindings');
  const binding = await buildBinding(packageFolder, headersIn(home), library, bindings, note);
  const trial = await attempt(binding);
  await installBinding(packageFolder, binding);
  return { ...trial, changed: true };
}

/** The compiled entry point, found from src/ (tests) as from dist/. */
const entry = fileURLToPath(new URL('../../dist/setup/try-tensorflow.js', import.meta.url));

/** Tries a binding, or the installed one, in a process of its own: a library that does not fit may end it. */
export async function tryTensorflow(binding?: string): Promise<TensorflowTrial> {
  const args = [entry, ...(binding ? [binding] : [])];
  const result = await run(process.execPath, args, 'reinstall Node');
  if (result.status === 0) return JSON.parse(result.stdout.trim().split('\n').at(-1)!) as TensorflowTrial;
  throw new UserError(`TensorFlow does not work: ${reasonOf(result)}`);
}

function checkPlatform({ from }: TensorflowOptions): void {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux')
    throw new UserError(
      `unsupported platform: ${platform}: this needs Linux (WSL2 on Windows); use --backend onnx`,
    );
  if (process.arch !== 'x64' && !from)
    throw new UserError(
      `unsupported platform: ${platform}: install pip's tensorflow and name its folder with --from`,
    );
}

/** True when a working installation is the one that was asked for. */
function isWanted(
  { version, libraries }: TensorflowTrial,
  options: TensorflowOptions,
  cache: string,
): boolean {
  const within = (folder: string) => {
    const loaded = libraries.map((path) => realpathSync(path));
    return existsSync(folder) && loaded.every((path) => path.startsWith(realpathSync(folder)));
  };
  if (options.from) {
    if (isWheel(options.from)) return within(wheelFolder(options.from, cache));
    return within(libraryFolder(findLibtensorflow(options.from)));
  }
  return options.cuda ? within(downloadFolder('cuda', cache)) : version.startsWith(`${tensorflowVersion} `);
}

async function obtainLibrary(
  { from, cuda }: TensorflowOptions,
  cache: string,
  note: (text: string) => void,
): Promise<Libtensorflow> {
  if (from && !isWheel(from)) return findLibtensorflow(from);
  const variant = cuda ? 'cuda' : 'cpu';
  const folder = from ? wheelFolder(from, cache) : downloadFolder(variant, cache);
  if (!existsSync(folder)) {
    note(
      from ? `unpacking ${from} to ${folder}` : `downloading TensorFlow ${tensorflowVersion} to ${folder}`,
    );
    await makeFolder(folder, (content) =>
      unpackWheels(content, from ? { file: from } : tensorflowWheels[variant], members),
    );
  }
  return findLibtensorflow(folder);
}

function isWheel(path: string): boolean {
  return path.endsWith('.whl');
}

function wheelFolder(wheel: string, cache: string): string {
  return join(cache, 'tensorflow', basename(wheel, '.whl'));
}

function downloadFolder(variant: keyof typeof tensorflowWheels, cache: string): string {
  return join(cache, 'tensorflow', `${tensorflowVersion}-${variant}`);
}
