import type { Keys } from '../base/definition.js';
import { within, type Issue } from '../base/issues.js';
import type { Mapping } from '../base/mapping.js';
import type { ModeDefinition, Sections } from '../simulation/mode.js';
import { resolveFaults } from './faults.js';
import type { LoadedFile } from './files.js';
import type { Kinds } from './kinds.js';
import { resolveNetwork, synchronousNetwork } from './network.js';
import type { Resolved } from './rules.js';
import { sectionKeys } from './schema.js';
import { resolveServers } from './servers.js';

/** What the bounds of a mode's sections depend on; parts that are themselves wrong are absent. */
export interface SectionContext {
  kinds: Kinds;
  workers?: number;
  /** The file of delays that the network names. */
  links?: LoadedFile;
}

/** The keys of the sections that a mode takes. */
export function keysOfSections({ sections = [] }: Pick<ModeDefinition, 'sections'>): Keys {
  return Object.fromEntries(sections.map((name) => [name, sectionKeys[name]]));
}

/** The sections that a mode takes; what follows the servers is held against their number. */
export function resolveSections(
  raw: Mapping,
  { sections = [] }: Pick<ModeDefinition, 'sections'>,
  { kinds, workers, links }: SectionContext,
): { config: Partial<Sections>; issues: Issue[] } {
  const issues: Issue[] = [];
  const take = <T extends object>(name: keyof Sections, resolve: (value: unknown) => Resolved<T>) => {
    if (!sections.includes(name)) return undefined;
    const resolved = resolve(raw[name]);
    issues.push(...within([name], resolved.issues));
    return resolved.config;
  };
  const waitsForAll = raw.network === synchronousNetwork;
  const servers = take('servers', (value) => resolveServers(value, kinds, waitsForAll));
  const known = { kinds, workers, servers: servers?.count, links };
  const network = take('network', (value) => resolveNetwork(value, known));
  const faults = take('faults', (value) => resolveFaults(value, known));
  return { config: { ...(servers && { servers }), ...network, ...faults }, issues };
}
