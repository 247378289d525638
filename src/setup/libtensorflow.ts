import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../base/errors.js';

/** TensorFlow's C interface on this machine: what a binding is compiled with and linked to. */
export interface Libtensorflow {
  /** Absolute paths, the one with the C interface first. All lie in one folder. */
  libraries: readonly string[];
  include: string;
  /** The folder nvidia/ beside pip's tensorflow, where pip puts CUDA's libraries; need not be there. */
  cuda: string;
}

/** Where headers and libraries lie, and what the libraries are called. */
const layouts = [
  {
    // Of a wheel, installed or unpacked.
    include: 'include',
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  },
  {
    // Of the C archive.
    include: 'include',
    libraries: ['lib/libtensorflow.so.2', 'lib/libtensorflow_framework.so.2'],
  },
];

/**
 * Finds libtensorflow in a folder: pip's tensorflow, a site-packages folder or a virtual environment that holds it, or
 * an unpacked libtensorflow archive.
 *
 * @throws UserError when it is not there or not whole
 */
export function findLibtensorflow(folder: string): Libtensorflow {
  const root = resolve(folder);
  if (!existsSync(root)) throw new UserError(`missing folder: ${root}: name an existing one with --from`);
  for (const base of [root, join(root, 'tensorflow'), ...environmentPackages(root)]) {
    for (const layout of layouts) {
      const libraries = layout.libraries.map((name) => join(base, name));
      if (!existsSync(libraries[0])) continue;
      const include = join(base, layout.include);
      const missing = [...libraries, join(include, 'tensorflow/c/eager/c_api.h')].filter(
        (path) => !existsSync(path),
      );
      if (missing.length > 0)
        throw new UserError(
          `incomplete libtensorflow: ${base} lacks ${missing.join(' and ')}: install or unpack it again`,
        );
      return { libraries, include, cuda: join(dirname(base), 'nvidia') };
    }
  }
  throw new UserError(
    `missing libtensorflow: nothing in ${root}: --from takes the folder of pip's tensorflow ` +
      `(with libtensorflow_cc.so.2), a virtual environment, or an unpacked libtensorflow (with lib/libtensorflow.so.2)`,
  );
}

/** The tensorflow packages of a virtual environment. */
function environmentPackages(root: string): string[] {
  const lib = join(root, 'lib');
  if (!existsSync(lib)) return [];
  return readdirSync(lib)
    .filter((name) => name.startsWith('python3'))
    .map((name) => join(lib, name, 'site-packages/tensorflow'));
}

/** The folder that the loader has to search. */
export function libraryFolder({ libraries }: Libtensorflow): string {
  return dirname(libraries[0]);
}
