import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../../data/directory.js';

/** The package that binds TensorFlow's C library to Node. */
export const tensorflowPackage = { name: '@tensorflow/tfjs-node-gpu', version: '4.22.0' } as const;

/** The folder in which `byzsim setup tensorflow` installs the package and what it needs. */
export function tensorflowHome(cache: string): string {
  return join(cache, 'tensorflow', `tfjs-node-gpu-${tensorflowPackage.version}`);
}

/** The package within a folder that npm installed it in. */
export function packageIn(home: string): string {
  return join(home, 'node_modules', tensorflowPackage.name);
}

/**
 * The folder of the package: the one that `byzsim setup tensorflow` made, or else one that npm installed beside byzsim.
 * Undefined where there is neither.
 */
export function findTensorflow(): string | undefined {
  const own = packageIn(tensorflowHome(cacheDirectory()));
  if (existsSync(join(own, 'package.json'))) return own;
  try {
    return dirname(createRequire(import.meta.url).resolve(`${tensorflowPackage.name}/package.json`));
  } catch {
    return undefined;
  }
}
