import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../src/errors.js';
import { lastWords, run } from './command.js';
import { libraryFolder, type Libtensorflow } from './libtensorflow.js';

/** Node's C interface in its version 8, which every supported Node has, and for which the package looks. */
const interfaceVersion = 8;
/** Where the package's loader looks for the binding. */
export const bindingPath = `lib/napi-v${interfaceVersion}/tfjs_binding.node`;

/**
 * Compiles the package's binding against a libtensorflow. What was built before from the same package and library is
 * taken from the cache folder.
 *
 * @param packageFolder of @tensorflow/tfjs-node-gpu
 * @returns the path of the binding in the cache folder
 * @throws UserError when there is no compiler or it fails
 */
export async function buildBinding(
  packageFolder: string,
  library: Libtensorflow,
  cache: string,
): Promise<string> {
  const built = join(cache, `${fingerprint(packageFolder, library)}.node`);
  if (existsSync(built)) return built;
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(join(cache, 'build-'));
  try {
    const output = join(staging, 'tfjs_binding.node');
    await compile(packageFolder, library, output);
    await rename(output, built);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return built;
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

async function compile(packageFolder: string, library: Libtensorflow, output: string): Promise<void> {
  const headers = createRequire(import.meta.url)('node-api-headers') as { include_dir: string };
  const sources = join(packageFolder, 'binding');
  const files = (await readdir(sources)).filter((name) => name.endsWith('.cc'));
  const compiler = process.env.CXX ?? 'g++';
  const result = await run(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', `-DNAPI_VERSION=${interfaceVersion}`],
      ...['-I', headers.include_dir, '-I', library.include],
      ...files.map((name) => join(sources, name)),
      ...library.libraries,
      // The libraries' own search paths lead from here to the CUDA libraries of pip.
      `-Wl,-rpath,${libraryFolder(library)}`,
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
function fingerprint(packageFolder: string, { libraries }: Libtensorflow): string {
  const files = libraries.map((path) => {
    const { size, mtimeMs } = statSync(path);
    return [path, size, mtimeMs];
  });
  const manifest = readFileSync(join(packageFolder, 'package.json'), 'utf8');
  const subject = JSON.stringify([manifest, interfaceVersion, process.arch, files]);
  return createHash('sha256').update(subject).digest('hex').slice(0, 16);
}
