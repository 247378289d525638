import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import type { Config } from './config.js';

/** What tells one experiment from another. Runs that differ only in their seed have the same identity. */
export interface Identity {
  /** What the experiment is about, for people: "w-cwmed+ctma-sign-flip-mu2-sgd". Safe in file names. */
  slug: string;
  /** SHA-256 of everything that bears on the results, in hex. */
  hash: string;
  /** The first 8 digits of the hash. */
  hash8: string;
}

/**
 * Names and hashes the experiment of a resolved config. The hash covers every key but `name`, `seeds` and `thresholds`,
 * with files replaced by their content, so that it depends on what a config means and not on how or where it is written.
 */
export async function identify(config: Config): Promise<Identity> {
  const { dataset, arrival } = config;
  const meaning = {
    ...config,
    name: undefined,
    seeds: undefined,
    thresholds: undefined,
    dataset: await withContent(dataset),
    arrival: await withContent(arrival),
  };
  const hash = createHash('sha256').update(canonicalJson(meaning)).digest('hex');
  return { slug: slugOf(config), hash, hash8: hash.slice(0, 8) };
}

/** `out/name/slug-hash8/seed-n`: where one run keeps its files. */
export function runFolder(out: string, config: Config, identity: Identity, seed: number): string {
  return join(out, config.name, `${identity.slug}-${identity.hash8}`, `seed-${seed}`);
}

/** "w-" for weighted, the rule with its meta-aggregators, the attack, the optimizer. */
function slugOf({ aggregator, byzantine, optimizer }: Config): string {
  const rules = [aggregator.rule, ...aggregator.meta.map(({ rule }) => rule)].join('+');
  const attack = byzantine.attack.attack === 'none' ? 'no-attack' : byzantine.attack.attack;
  return `${aggregator.weighted ? 'w-' : ''}${rules}-${attack}-${optimizer.name}`;
}

async function withContent<T extends object>(value: T): Promise<object> {
  if (!('file' in value)) return value;
  const { file, ...rest } = value as { file: string };
  const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`missing file: ${file} (${error.code})`);
  });
  return { ...rest, sha256: createHash('sha256').update(content).digest('hex') };
}

/** JSON with sorted keys, without undefined values: equal for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
    return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
