import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tensorflowPackage } from '../compute/tensorflow/package.js';
import { UserError } from '../base/errors.js';
import { lastWords, run } from './command.js';
import { makeFolder } from './folder.js';
import { nodeHeaders } from './versions.js';

/** Nothing but files: the package's own install step would download TensorFlow 2.9, and fail where it cannot. */
const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier'];

/**
 * Installs the package of TensorFlow's binding, and the headers to compile it with, in a folder of their own. One that is
 * there is taken as it is.
 *
 * @throws UserError when npm is missing or fails
 */
export async function installTensorflow(home: string, note: (text: string) => void): Promise<void> {
  const packages = [tensorflowPackage, nodeHeaders].map(({ name, version }) => `${name}@${version}`);
  await makeFolder(home, async (folder) => {
    note(`installing ${packages.join(' and ')} in ${home}`);
    // Without a package.json here npm would install in the nearest folder above that has one.
    await writeFile(join(folder, 'package.json'), '{"private": true}\n');
    const result = await run(
      'npm',
      ['install', ...flags, ...packages],
      'install npm, which comes with Node',
      {
        cwd: folder,
      },
    );
    if (result.status !== 0)
      throw new UserError(
        `cannot install ${packages.join(' and ')}: npm says: ${lastWords(result)}\n` +
          'See that npm reaches its registry (npm ping), and run this again.',
      );
  });
}

/** The folder of Node's C headers that was installed in a folder. */
export function headersIn(home: string): string {
  return join(home, 'node_modules', nodeHeaders.name, 'include');
}
