import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../base/errors.js';
import { lastWords, run } from './command.js';
import { cudaLibraries, gatherLibraries } from './cuda-libraries.js';
import { makeFolder } from './folder.js';
import type { Libtensorflow } from './libtensorflow.js';

/** Node's C interface in its version 8, which every supported Node has, and for which the package looks. */
const interfaceVersion = 8;
/** Where a binding looks for libtensorflow, in its own folder. */
const search = 'tensorflow';
/** Where the package's loader looks for the binding. */
export const bindingPath = `lib/napi-v${interfaceVersion}/tfjs_binding.node`;

/**
 * Compiles the package's binding against a libtensorflow. What was built before from the same package and libraries is
 * taken from the cache folder.
 *
 * @param packageFolder of @tensorflow/tfjs-node-gpu
 * @param headers the folder of Node's C headers
 * @param cache a folder of its own
 * @param note told when there is something to build
 * @returns the path of the binding in the cache folder
 * @throws UserError when there is no compiler or it fails
 */
export async function buildBinding(
  packageFolder: string,
  headers: string,
  library: Libtensorflow,
  cache: string,
  note: (text: string) => void,
): Promise<string> {
  const folder = join(cache, fingerprint(packageFolder, library));
  const binding = join(folder, 'tfjs_binding.node');
  await makeFolder(folder, async (content) => {
    note(`building the binding against ${library.libraries[0]}`);
    await linkLibraries(library, content);
    await compile(packageFolder, headers, library, join(folder, search), join(content, basename(binding)));
  });
  return binding;
}

/**
 * Makes a folder of links in which TensorFlow finds every library. It looks for CUDA's in some folders of
 * ../nvidia/ only: libtensorflow_framework 2.21 opens libcusolver, but does not search the folder where pip puts it, and
 * then leaves the GPU idle. So all of them are gathered in a folder that it does search.
 */
async function linkLibraries({ libraries, cuda }: Libtensorflow, folder: string): Promise<void> {
  await mkdir(join(folder, search));
  for (const path of libraries) await symlink(path, join(folder, search, basename(path)));

  await gatherLibraries(cudaLibraries(cuda), join(folder, 'nvidia/cuda_runtime/lib'));
  for (const part of existsSync(cuda) ? readdirSync(cuda) : [])
    if (part !== 'cuda_runtime') await symlink(join(cuda, part), join(folder, 'nvidia', part));
}

/** Puts a binding where the package looks for it, in one step. */
export async function installBinding(packageFolder: string, binding: string): Promise<void> {
  const path = join(packageFolder, bindingPath);
  await mkdir(dirname(path), { recursive: true });
  const copy = `${path}.${process.pid}`;
  try {
    await copyFile(binding, copy);
    await rename(copy, path);
  } finally {
    await rm(copy, { force: true });
  }
}

async function compile(
  packageFolder: string,
  headers: string,
  library: Libtensorflow,
  libraryFolder: string,
  output: string,
): Promise<void> {
  const sources = join(packageFolder, 'binding');
  const files = (await readdir(sources)).filter((name) => name.endsWith('.cc'));
  const compiler = process.env.CXX ?? 'g++';
  const result = await run(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', `-DNAPI_VERSION=${interfaceVersion}`],
      ...['-I', headers, '-I', library.include],
      ...files.map((name) => join(sources, name)),
      ...library.libraries,
      `-Wl,-rpath,${libraryFolder}`,
      ...['-o', output],
    ],
    'install a C++ compiler (Debian: apt-get install g++), or name one in CXX, and run this again',
  );
  if (result.status !== 0)
    throw new UserError(
      `cannot compile the binding against ${library.libraries[0]}: ${basename(compiler)} says:\n${lastWords(result)}\n` +
        'Leave --from out to fetch a library that is known to work.',
    );
}

/** Of everything a binding depends on. */
function fingerprint(packageFolder: string, { libraries, cuda }: Libtensorflow): string {
  const files = [...libraries, ...cudaLibraries(cuda)].map((path) => {
    const { size, mtimeMs } = statSync(path);
    return [path, size, mtimeMs];
  });
  const manifest = readFileSync(join(packageFolder, 'package.json'), 'utf8');
  const subject = JSON.stringify([manifest, interfaceVersion, process.arch, files]);
  return createHash('sha256').update(subject).digest('hex').slice(0, 16);
}
