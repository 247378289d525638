import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { show } from '../base/describe.js';
import { isMapping, valueOf } from '../base/mapping.js';
import { isUserFile } from '../data/dataset.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { maxTableBytes, readText } from '../base/text-file.js';
import { loadModules, type Modules } from './modules.js';

/** A file that a config names: its absolute path and text, or why there is none. */
export type LoadedFile = { file: string; text: string } | { problem: string };

export interface ConfigFiles {
  /** Of a data set that lies in a file of the user's. */
  dataset?: LoadedFile;
  trace?: LoadedFile;
  /** Of the delays of a network. */
  links?: LoadedFile;
  /** Definitions of the user's own. */
  modules?: Modules;
}

/** Reads the files a config names. Their paths are relative to `folder` (the config's), or else to the current one. */
export async function loadFiles(
  raw: unknown,
  folder: string,
  { datasets }: Pick<Catalogue, 'datasets'>,
): Promise<ConfigFiles> {
  const dataset = isMapping(raw) ? raw.dataset : undefined;
  const arrival = isMapping(raw) ? raw.arrival : undefined;
  const delay = isMapping(raw) && isMapping(raw.network) ? raw.network.delay : undefined;
  const inFile = [...datasets.values()].find(
    ({ name, input }) => isMapping(dataset) && isUserFile(input) && valueOf(dataset, name) !== undefined,
  );
  const [points, trace, links, modules] = await Promise.all([
    isMapping(dataset) && inFile ? load(dataset[inFile.name], inFile.name, folder) : undefined,
    isMapping(arrival) ? load(arrival.trace, 'trace', folder) : undefined,
    isMapping(delay) ? load(delay.links, 'links', folder) : undefined,
    loadModules(raw, folder),
  ]);
  return { dataset: points, trace, links, modules };
}

async function load(name: unknown, noun: string, folder: string): Promise<LoadedFile | undefined> {
  if (typeof name !== 'string' || name === '' || name.includes('\0')) return undefined;
  const candidates = [...new Set([resolve(folder, name), resolve(name)])];
  for (const file of candidates) {
    const unreadable = (problem: string) => ({ problem: `unreadable ${noun}: ${file} (${problem})` });
    if (await isStream(file))
      return unreadable('it is a pipe or a device, and has to be read more than once');
    const read = await readText(file, maxTableBytes);
    if ('text' in read) return { file, text: read.text };
    if (!read.missing) return unreadable(read.problem);
  }
  return { problem: `missing ${noun}: ${show(name)} (looked for ${candidates.join(' and ')})` };
}

async function isStream(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}
