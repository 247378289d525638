import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder that appears whole or not at all. One that is there is taken as it is. */
export async function makeFolder(folder: string, fill: (content: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const content = await mkdtemp(`${folder}.`);
  try {
    await fill(content);
    await rename(content, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // else another setup was faster
    });
  } finally {
    await rm(content, { recursive: true, force: true });
  }
}
