import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { openPromise } from 'yauzl';

/**
 * The files of a zip archive with these names, wherever in it they lie.
 * @throws Error when it is no zip archive or a wanted entry is damaged
 */
export async function zipEntries(path: string, names: readonly string[]): Promise<Map<string, Buffer>> {
  const archive = await openPromise(path);
  const found = new Map<string, Buffer>();
  try {
    for await (const entry of archive.eachEntry()) {
      const name = basename(entry.fileName);
      if (names.includes(name)) found.set(name, await buffer(await archive.openReadStreamPromise(entry)));
    }
  } finally {
    archive.close();
  }
  return found;
}
