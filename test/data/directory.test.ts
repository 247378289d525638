import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheDirectory, dataDirectory } from '../../src/data/directory.js';

describe('where data lies', () => {
  it('is BYZSIM_DATA_DIR, or else the cache folder', () => {
    expect(dataDirectory({ BYZSIM_DATA_DIR: 'some/data' })).toBe(resolve('some/data'));
    expect(dataDirectory({ XDG_CACHE_HOME: '/c' })).toBe(join('/c', 'byzsim'));
  });

  it('takes the cache folder customary on the platform', () => {
    expect(cacheDirectory({}, 'linux')).toBe(join(homedir(), '.cache', 'byzsim'));
    expect(cacheDirectory({ XDG_CACHE_HOME: '' }, 'darwin')).toBe(
      join(homedir(), 'Library', 'Caches', 'byzsim'),
    );
    expect(cacheDirectory({ LOCALAPPDATA: 'C:\\Local' }, 'win32')).toBe(join('C:\\Local', 'byzsim', 'Cache'));
  });
});
