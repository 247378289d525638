import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from './durable.js';

/**
 * Makes a folder and those around it, to survive a power cut; what is there already stays. Node's own `recursive` reports a read-only file
 * system as ENOENT, and does not end where a file system answers ENOENT to every new folder, as /proc does.
 *
 * @throws NodeJS.ErrnoException the operating system's own, with the path at which it happened
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
    syncFolder(dirname(path));
  } catch (error) {
    if (isFolder(path)) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || existsSync(parent)) throw error;
    makeFolder(parent);
    makeFolder(path);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
