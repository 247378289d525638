import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { carriedOut } from '../attacks/attack.js';
import { UserError } from '../base/errors.js';
import { fileProblem } from '../base/file-problem.js';
import { isTrace } from '../simulation/arrivals.js';
import { linksOf, type NetworkConfig } from '../simulation/byzsgd/config.js';
import type { Config } from './config.js';
import { isMapping, pick, type Mapping } from '../base/mapping.js';
import { fileKeys } from '../data/dataset.js';
import { userSums } from '../data/user-files.js';
import { hashedModules, moduleFiles } from './modules.js';
import { besideExperiment } from './schema.js';

/** What tells one experiment from another. Runs that differ only in their seed have the same identity. */
export interface Identity {
  /** What the experiment is about, for people: "w-cwmed+ctma-sign-flip-mu2-sgd". Safe in file names. */
  slug: string;
  /** SHA-256 of all that the config says of the results, in hex. */
  hash: string;
  /** The first 8 digits of the hash. */
  hash8: string;
}

/** SHA-256 of the files that a config may name, in hex: what they hold bears on the results, not where they lie. */
export interface FileSums {
  /** Of each file that the data set lies in, see userSums. */
  dataset?: readonly string[];
  trace?: string;
  links?: string;
  /** Of the modules of the user's own, by their files: of all that each is made of. */
  modules?: Readonly<Record<string, string>>;
}

/**
 * Names and hashes the experiment of a resolved config. The hash covers every key but `name`, `seeds`, `thresholds` and
 * `checkpoint`, with files that it names, of data, a trace, links or modules, replaced by their content, so that it depends on what a
 * config means and not on how or where it is written. It does not cover the files of a data set that has a name, nor the
 * version of byzsim, nor the engine.
 *
 * @param sums of the files it names, as far as they are known; default: of what they hold now
 */
export async function identify(config: Config, sums: FileSums = {}): Promise<Identity> {
  const { dataset, arrival, network } = config;
  const { name, file, ...parameters } = dataset;
  const links = linksOf(network);
  const known: FileSums = {
    dataset: sums.dataset ?? (file === undefined ? undefined : Object.values(await userSums(dataset))),
    trace: sums.trace ?? (isTrace(arrival) ? await sumOf(arrival.file) : undefined),
    links: sums.links ?? (links === undefined ? undefined : await sumOf(links)),
    modules: sums.modules ?? (await sumsOfModules(config)),
  };
  const hash = hashOf({
    ...hashedModules(config, known.modules ?? {}),
    dataset: file === undefined ? dataset : hashedData(name, parameters, known.dataset!),
    ...(isTrace(arrival) && { arrival: { process: arrival.process, sha256: known.trace } }),
    ...(links !== undefined && { network: hashedLinks(known.links!) }),
  });
  return { slug: slugOf(config), hash, hash8: hash.slice(0, 8) };
}

/**
 * The hash of a resolved config as it was written (see resolved-yaml.ts), by this version or another: that of `identify`
 * when it was resolved. Nothing where it names a file whose sum is not known.
 */
export function writtenHash(config: Mapping, sums: FileSums): string | undefined {
  const { dataset, arrival, network } = config;
  const [inFile, ...parameters] = isMapping(dataset) ? Object.keys(dataset) : [];
  const trace = isMapping(arrival) && 'trace' in arrival;
  const links = linksOf(network as NetworkConfig | undefined) !== undefined;
  const unknown =
    (inFile !== undefined && sums.dataset === undefined) ||
    (trace && sums.trace === undefined) ||
    (links && sums.links === undefined) ||
    moduleFiles(config).some((file) => sums.modules?.[file] === undefined);
  if (unknown) return undefined;
  return hashOf({
    ...hashedModules(config, sums.modules ?? {}),
    dataset:
      inFile === undefined
        ? { name: dataset }
        : hashedData(inFile, pick(dataset as Mapping, parameters), sums.dataset!),
    ...(trace && { arrival: { process: 'trace', sha256: sums.trace } }),
    ...(links && { network: hashedLinks(sums.links!) }),
  });
}

async function sumsOfModules(config: Config): Promise<Record<string, string>> {
  const files = moduleFiles(config);
  if (files.length === 0) return {};
  const { readSources } = await import('../base/modules/sources.js');
  const sums = files.map(async (file) => [file, (await readSources(file)).sha256] as const);
  return Object.fromEntries(await Promise.all(sums));
}

/** A data set with what its files hold in place of their names. */
function hashedData(name: string, parameters: Mapping, sums: readonly string[]): Mapping {
  const named = Object.entries(parameters).filter(
    ([key, value]) => !(fileKeys.includes(key) && typeof value === 'string'),
  );
  return { name, ...Object.fromEntries(named), sha256: sums.length === 1 ? sums[0] : sums };
}

function hashedLinks(sha256: string): Mapping {
  return { delay: { links: { sha256 } } };
}

function hashOf(meaning: Mapping): string {
  const covered = Object.entries(meaning).filter(([key]) => !besideExperiment.includes(key));
  return createHash('sha256')
    .update(canonicalJson(Object.fromEntries(covered)))
    .digest('hex');
}

/** `out/name/slug-hash8/seed-n`: where one run keeps its files. */
export function runFolder(out: string, config: Config, identity: Identity, seed: number): string {
  return join(out, config.name, `${identity.slug}-${identity.hash8}`, `seed-${seed}`);
}

/** With the hash behind it, a name that every file system takes: 255 bytes. */
const maxSlug = 200;

/** "w-" for weighted, the rule with its meta-aggregators, the attack, the optimizer. */
function slugOf({ aggregator, byzantine, servers, optimizer }: Config): string {
  const rules = [aggregator.rule, ...aggregator.meta.map(({ rule }) => rule)].join('+');
  const { attack: name } = byzantine.attack;
  const { attack: carried } = carriedOut(byzantine.attack);
  const attack = name === 'none' ? 'no-attack' : carried === name ? name : `${name}-${carried}`;
  const ofServers = servers && servers.attack.attack !== 'none' ? `-${servers.attack.attack}` : '';
  return `${aggregator.weighted ? 'w-' : ''}${rules}-${attack}${ofServers}-${optimizer.name}`.slice(
    0,
    maxSlug,
  );
}

async function sumOf(file: string): Promise<string> {
  const content = await readFile(file).catch((error: unknown) => {
    throw new UserError(`unreadable file: ${file} (${fileProblem(error)})`);
  });
  return createHash('sha256').update(content).digest('hex');
}

/** JSON with sorted keys, without undefined values: equal for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
    return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
