import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where byzsim keeps what it can make or fetch again: XDG_CACHE_HOME, or the platform's customary folder. */
export function cacheDirectory(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (environment.XDG_CACHE_HOME) return join(environment.XDG_CACHE_HOME, 'byzsim');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'byzsim');
  if (platform === 'win32' && environment.LOCALAPPDATA) {
    return join(environment.LOCALAPPDATA, 'byzsim', 'Cache');
  }
  return join(homedir(), '.cache', 'byzsim');
}

/** The folder that holds mnist/ and cifar-10-batches-bin/: BYZSIM_DATA_DIR, or else the cache folder. */
export function dataDirectory(environment: Environment = process.env): string {
  return environment.BYZSIM_DATA_DIR ? resolve(environment.BYZSIM_DATA_DIR) : cacheDirectory(environment);
}
