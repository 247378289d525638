import { basename } from 'node:path';

/** The name of an experiment whose config has none: the file's, without its ending; a hyphen for what a name must not have. */
export function defaultName(file: string): string {
  const stem = basename(file).replace(/\.ya?ml$/i, '');
  const safe = stem.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return safe.slice(0, 100) || 'config';
}
