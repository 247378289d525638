// Compiles the AssemblyScript kernels to dist/kernels/*.wasm. Memory is imported: kernels work in place on the
// caller's memory, so they must carry no data of their own (test/compute/kernels checks the modules). Nothing is done
// when nothing they are made of has changed.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
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

/** Of all that kernels are made of: sources, this script, the compiler. */
async function fingerprint() {
  const assembly = join(root, 'src/compute/kernels/assembly');
  const sources = (await readdir(assembly)).sort().map((name) => join(assembly, name));
  const compiler = createRequire(import.meta.url).resolve('assemblyscript/package.json');
  const hash = createHash('sha256').update(JSON.stringify(generated));
  for (const path of [...sources, fileURLToPath(import.meta.url), compiler])
    hash.update(await readFile(path));
  return hash.digest('hex');
}

async function compile() {
  const { default: asc } = await import('assemblyscript/asc');
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
}

const folder = join(root, 'dist/kernels');
const made = join(folder, '.made-of');
const current = await fingerprint();
const whole = Object.keys(kernels).every((name) => existsSync(join(folder, `${name}.wasm`)));
if (!whole || (await readFile(made, 'utf8').catch(() => undefined)) !== current) {
  await mkdir(folder, { recursive: true });
  await compile();
  await writeFile(made, current);
}
