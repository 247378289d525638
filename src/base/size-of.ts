import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unlessGone } from './unless-gone.js';

/** Bytes of a file, or of all files below a folder; 0 where there is none. */
export function sizeOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.size ?? 0;
  const names = unlessGone(() => readdirSync(path)) ?? [];
  return names.reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
