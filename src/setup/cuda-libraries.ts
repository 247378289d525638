import { existsSync, readdirSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** The libraries of pip's CUDA packages, which lie in nvidia/PART/lib/. None when there is no such folder. */
export function cudaLibraries(nvidia: string): string[] {
  if (!existsSync(nvidia)) return [];
  return readdirSync(nvidia)
    .map((part) => join(nvidia, part, 'lib'))
    .filter((lib) => existsSync(lib))
    .flatMap((lib) =>
      readdirSync(lib)
        .filter((name) => name.includes('.so'))
        .map((name) => join(lib, name)),
    );
}

/**
 * Makes a folder of links to libraries, in which each finds the others. cuDNN and NVRTC are there without their version
 * as well: programs that open them at run time ask for either name.
 */
export async function gatherLibraries(libraries: readonly string[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const path of libraries) {
    const name = basename(path);
    await symlink(path, join(folder, name));
    const [, plain] = /^(lib(?:cudnn|nvrtc)\.so)\.\d+$/.exec(name) ?? [];
    if (plain) await symlink(name, join(folder, plain));
  }
}
