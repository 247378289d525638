import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/errors.js';
import { lastWords, run } from './command.js';

const unpacker = fileURLToPath(new URL('../../assets/unpack.py', import.meta.url));
const pythonRemedy =
  'install Python 3 with pip (Debian: apt-get install python3 python3-pip) and run this again';

/**
 * Wheels are chosen for one Python and one C library, not for the Python that happens to be here: their libraries need
 * none. pip takes platforms literally, so every one that the wheels are published for is named.
 */
const target = [
  '--only-binary=:all:',
  ...['--implementation', 'cp', '--python-version', '3.12', '--abi', 'cp312'],
  ...[
    'manylinux_2_28_x86_64',
    'manylinux_2_27_x86_64',
    'manylinux_2_17_x86_64',
    'manylinux2014_x86_64',
    'manylinux2010_x86_64',
    'manylinux1_x86_64',
  ].flatMap((platform) => ['--platform', platform]),
];

/**
 * Unpacks the members of wheels whose names match.
 *
 * @param folder exists
 * @param wheels requirements for pip ("name==version"), or the path of a wheel
 * @throws UserError when Python, pip, the package index or the disk fails
 */
export async function unpackWheels(
  folder: string,
  wheels: readonly string[] | { file: string },
  members: RegExp,
): Promise<void> {
  const downloads = join(folder, 'wheels');
  const files = 'file' in wheels ? [wheels.file] : await download(wheels, downloads);
  const unpacked = await run('python3', [unpacker, folder, members.source, ...files], pythonRemedy);
  if (unpacked.status !== 0)
    throw new UserError(
      `cannot unpack ${files.join(', ')} into ${folder}: ${lastWords(unpacked)}\n` +
        'See that the disk has room and the files are whole, and run this again.',
    );
  await rm(downloads, { recursive: true, force: true });
}

async function download(requirements: readonly string[], folder: string): Promise<string[]> {
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-cache-dir'];
  const { status } = await run('python3', [...pip, '--version'], pythonRemedy);
  if (status !== 0) throw new UserError(`missing program: pip: ${pythonRemedy}`);
  const args = [...pip, 'download', '--no-deps', ...target, '--dest', folder, ...requirements];
  const result = await run('python3', args, pythonRemedy, { show: true });
  if (result.status !== 0)
    throw new UserError(
      `cannot download ${requirements.join(', ')}: pip says: ${lastWords(result)}\n` +
        'Behind a proxy, set HTTPS_PROXY; without a network, carry the library here and name it with --from.',
    );
  return (await readdir(folder)).map((name) => join(folder, name));
}
