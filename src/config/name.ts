import { createHash } from 'node:crypto';
import { basename } from 'node:path';

/**
 * The name of an experiment whose config has none: the file's, without its ending; a hyphen for what a name must not have.
 * Where that takes letters away, the name ends in eight digits of the file's SHA-256, as größe and grüße would share
 * their results otherwise.
 */
export function defaultName(file: string): string {
  const stem = basename(file)
    .normalize('NFC')
    .replace(/\.ya?ml$/i, '');
  const safe = stem.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  if (!/[^\p{ASCII}]/u.test(stem)) return safe.slice(0, 100) || 'config';
  const hash = createHash('sha256').update(stem).digest('hex').slice(0, 8);
  return `${safe.slice(0, 91) || 'config'}-${hash}`;
}
