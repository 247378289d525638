import { within } from '../base/issues.js';
import { isMapping, valueOf } from '../base/mapping.js';
import type { ServersConfig } from '../simulation/byzsgd/config.js';
import type { Kinds } from './kinds.js';
import { resolveNamed } from './named.js';
import { notMapping, parseParameters } from './parameters.js';
import type { Resolved } from './rules.js';
import { serversKeys } from './schema.js';

/**
 * The servers of a config. What they have to be in number is the mode's to say.
 *
 * @param waitsForAll whether the network leaves no quorum to choose
 */
export function resolveServers(value: unknown, kinds: Kinds, waitsForAll: boolean): Resolved<ServersConfig> {
  const given = value ?? {};
  if (!isMapping(given)) return { issues: [notMapping('servers', value, serversKeys, 'servers')] };
  const { values, issues } = parseParameters(given, serversKeys, 'servers');
  const { count, byzantine, quorum } = values as Partial<ServersConfig>;
  if (count !== undefined && byzantine !== undefined && byzantine >= count) {
    const message = `invalid byzantine: ${byzantine} (expected fewer than the ${count} servers)`;
    issues.push({ path: ['byzantine'], message });
  }
  const attack = resolveNamed(valueOf(given, 'attack') ?? 'none', kinds.serverAttack);
  issues.push(...within(['attack'], attack.issues));
  if (issues.length > 0) return { issues };
  const waits = quorum ?? (waitsForAll ? undefined : count! - byzantine!);
  return {
    config: {
      count: count!,
      byzantine: byzantine!,
      attack: { attack: attack.definition!.name, ...attack.parameters },
      ...(waits !== undefined && { quorum: waits }),
    },
    issues,
  };
}
