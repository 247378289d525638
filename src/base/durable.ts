import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Where folders cannot be opened or synced (Windows, some network drives), their entries need no sync of ours. */
const unsupported = ['EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM'];

/**
 * Makes the names in a folder survive a power cut. A file that is synced may still be without its name, or under its old
 * one, until the folder is.
 */
export function syncFolder(path: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
  } catch (error) {
    if (!unsupported.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
