// Compiles the AssemblyScript kernels to dist/kernels/*.wasm. Memory is imported: kernels work in place on the
// caller's memory, so they must carry no data of their own (test/compute/kernels checks the modules).
import asc from 'assemblyscript/asc';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sortingNetworks } from './sorting-networks.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const common = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--noExportMemory',
  '--enable',
  'simd',
  '--use',
  'abort=',
];

/** name -> options beyond the common ones */
const kernels = {
  // Shared, so that threads can read parameters and write gradients where the kernels use them.
  stack: ['--sharedMemory', '--maximumMemory', '65536', '--enable', 'threads'],
  tfjs: [],
};

/** Source files that are written here, by name. */
const generated = { 'networks.ts': sortingNetworks(17) };

function readSource(name, directory) {
  const source = generated[basename(name)];
  return source ?? readFile(resolve(directory, name), 'utf8').catch(() => null);
}

await mkdir(`${root}/dist/kernels`, { recursive: true });
for (const [name, options] of Object.entries(kernels)) {
  const { error, stderr } = await asc.main(
    [
      `src/compute/kernels/assembly/${name}.ts`,
      '--baseDir',
      root,
      '-o',
      `dist/kernels/${name}.wasm`,
      ...common,
      ...options,
    ],
    { readFile: readSource },
  );
  if (error) {
    console.error(`${name}: ${error.message}\n${stderr.toString()}`);
    process.exit(1);
  }
}
