import { show } from '../base/describe.js';
import { within, type Issue } from '../base/issues.js';
import { isMapping, valueOf, type Mapping } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';
import type { DelayConfig, NetworkConfig } from '../simulation/byzsgd/config.js';
import type { LoadedFile } from './files.js';
import { delayKeys, type Kinds } from './kinds.js';
import { checkLinks, parseLinks } from './links.js';
import { resolveNamed } from './named.js';
import { parseParameters } from './parameters.js';
import type { Resolved } from './rules.js';
import { networkKeys } from './schema.js';

/** The word for a network in which all messages of a step arrive before it ends. */
export const synchronousNetwork = 'synchronous';

/** What the bounds of a network depend on; parts that are themselves wrong are absent. */
export interface NetworkContext {
  kinds: Kinds;
  workers?: number;
  servers?: number;
  /** The file that `links` names. */
  links?: LoadedFile;
}

/** A network as configs write it: `synchronous`, or `{delay}` with a clock, a number or `{links: FILE}`. */
export function resolveNetwork(
  value: unknown,
  context: NetworkContext,
): Resolved<{ network: NetworkConfig }> {
  if (value === synchronousNetwork) return { config: { network: value }, issues: [] };
  const given = value ?? {};
  if (!isMapping(given)) {
    const guess = typeof value === 'string' && nearest(value, [synchronousNetwork]);
    const hint = guess ? `did you mean ${guess}?` : `expected ${synchronousNetwork}, or a mapping with delay`;
    return {
      issues: [{ path: [], message: `${guess ? 'unknown' : 'invalid'} network: ${show(value)} (${hint})` }],
    };
  }
  const { issues } = parseParameters(given, networkKeys, 'network');
  const delay = resolveDelay(valueOf(given, 'delay') ?? {}, context);
  issues.push(...within(['delay'], delay.issues));
  return issues.length > 0 ? { issues } : { config: { network: { delay: delay.config! } }, issues };
}

function resolveDelay(value: unknown, context: NetworkContext): Resolved<DelayConfig> {
  if (isMapping(value) && valueOf(value, 'links') !== undefined) return resolveLinks(value, context);
  if (typeof value === 'number') {
    // A number stands for a mapping: its fault is its own.
    const { values, issues } = parseParameters({ delay: value }, { delay: delayKeys.mean }, 'network');
    if (issues.length > 0) return { issues: issues.map((issue) => ({ ...issue, path: [] })) };
    return { config: { process: 'deterministic', mean: values.delay as number }, issues };
  }
  const { definition, parameters, issues } = resolveNamed(value, context.kinds.delay, 'exponential');
  if (!definition || issues.length > 0) return { issues };
  return { config: { process: definition.name, ...parameters } as DelayConfig, issues };
}

function resolveLinks(given: Mapping, { workers, servers, links }: NetworkContext): Resolved<DelayConfig> {
  const beside = Object.keys(given).filter((key) => key !== 'links' && valueOf(given, key) !== undefined);
  const issues: Issue[] = beside.map((key) => ({
    path: [key],
    message: `invalid key: ${key} (links have constant delays and take no ${key}; write delay: {links: FILE})`,
    atKey: true,
  }));
  const wrong = (message: string) => issues.push({ path: ['links'], message });
  if (!links) wrong(`invalid links: ${show(given.links)} (expected a file)`);
  else if ('problem' in links) wrong(links.problem);
  else if (workers !== undefined && servers !== undefined) {
    const problem = checkLinks(parseLinks(links.text), links.file, servers, workers);
    if (problem) wrong(`invalid links: ${problem}`);
  }
  if (issues.length > 0 || !links || 'problem' in links) return { issues };
  return { config: { links: links.file }, issues };
}
