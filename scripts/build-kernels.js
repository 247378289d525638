// Compiles the AssemblyScript kernels to dist/kernels/*.wasm. Memory is imported: kernels work in place on the
// caller's memory, so they must carry no data of their own (test/compute/kernels checks the modules).
import asc from 'assemblyscript/asc';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

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
const kernels = {};

await mkdir(`${root}/dist/kernels`, { recursive: true });
for (const [name, options] of Object.entries(kernels)) {
  const { error, stderr } = await asc.main([
    `src/compute/kernels/assembly/${name}.ts`,
    '--baseDir',
    root,
    '-o',
    `dist/kernels/${name}.wasm`,
    ...common,
    ...options,
  ]);
  if (error) {
    console.error(`${name}: ${error.message}\n${stderr.toString()}`);
    process.exit(1);
  }
}
