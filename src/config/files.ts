import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { show } from '../base/describe.js';
import { isMapping } from '../base/mapping.js';
import type { Catalogue } from '../simulation/catalogue.js';
import { maxTableBytes, readText } from '../base/text-file.js';
import type { ChosenData } from './dataset.js';
import type { Resolved } from './rules.js';
import { resolveUserData, type Located } from './user-data.js';
import { loadModules, type Modules } from './modules.js';

/** A file that a config names: its absolute path and text, or why there is none. */
export type LoadedFile = { file: string; text: string } | { problem: string };

export interface ConfigFiles {
  /** A data set that lies in files of the user's. */
  dataset?: Resolved<ChosenData>;
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
  const [userData, trace, links, modules] = await Promise.all([
    isMapping(dataset)
      ? resolveUserData(dataset, datasets, (name, noun) => locate(name, noun, folder))
      : undefined,
    isMapping(arrival) ? load(arrival.trace, 'trace', folder) : undefined,
    isMapping(delay) ? load(delay.links, 'links', folder) : undefined,
    loadModules(raw, folder),
  ]);
  return { dataset: userData, trace, links, modules };
}

async function load(name: unknown, noun: string, folder: string): Promise<LoadedFile | undefined> {
  const located = await locate(name, noun, folder);
  if (!located || 'problem' in located) return located;
  const { file } = located;
  const read = await readText(file, maxTableBytes);
  return 'text' in read
    ? { file, text: read.text }
    : { problem: `unreadable ${noun}: ${file} (${read.problem})` };
}

/** The absolute path of what a config names, relative to `folder` or else to the current one; nothing for no name. */
async function locate(name: unknown, noun: string, folder: string): Promise<Located | undefined> {
  if (typeof name !== 'string' || name === '' || name.includes('\0')) return undefined;
  const candidates = [...new Set([resolve(folder, name), resolve(name)])];
  for (const file of candidates) {
    if (await isStream(file))
      return {
        problem: `unreadable ${noun}: ${file} (it is a pipe or a device, and has to be read more than once)`,
      };
    if (await isThere(file)) return { file };
  }
  return { problem: `missing ${noun}: ${show(name)} (looked for ${candidates.join(' and ')})` };
}

/** Whether there is something of this name, even if it cannot be read. */
async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== 'ENOENT' && code !== 'ENOTDIR',
  );
}

async function isStream(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}
