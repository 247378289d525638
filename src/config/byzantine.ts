import type { InputSpec } from '../data/dataset.js';
import { carriedOut, type AttackConfig } from '../attacks/attack.js';
import type { ByzantineConfig } from '../simulation/config.js';
import type { Kinds } from './kinds.js';
import { within, type Issue } from '../base/issues.js';
import type { Keys } from '../base/definition.js';
import { isMapping, pick, valueOf, type Mapping } from '../base/mapping.js';
import { notMapping, parseParameters } from './parameters.js';
import { resolveAttack, type Resolved } from './rules.js';
import { byzantineKeys } from './schema.js';

/** Who is Byzantine and how often, which rules depend on whatever the attack. */
export type Group = Pick<ByzantineConfig, 'count' | 'lambda'>;

/**
 * The Byzantine workers of a config. `group` is there as soon as count and lambda are legal, even if the rest is not.
 * Workers and input are absent where they are themselves wrong.
 *
 * @param weighted whether the mode counts a worker's updates
 * @param own keys that the mode takes beside the common ones
 * @param others keys that are checked elsewhere
 */
export function resolveByzantine(
  value: unknown,
  kinds: Kinds,
  workers: number | undefined,
  input: InputSpec | undefined,
  weighted = true,
  own: Keys = {},
  others: readonly string[] = [],
): Resolved<ByzantineConfig> & { group?: Group } {
  const given = value ?? {};
  const keys = { ...byzantineKeys, ...own };
  if (!isMapping(given)) return { issues: [notMapping('byzantine', value, keys, 'byzantine')] };
  const { values, issues } = parseParameters(given, keys, 'byzantine', others);
  const { count, lambda, schedule } = values as Partial<ByzantineConfig>;
  const wrongLambda = valueOf(given, 'lambda') !== undefined && lambda === undefined;

  const known = count !== undefined && workers !== undefined;
  const group = known ? resolveGroup(count, wrongLambda ? 0 : lambda, workers, weighted) : undefined;
  issues.push(...(group?.issues ?? []));
  const attack = resolveAttack(
    valueOf(given, 'attack') ?? 'none',
    kinds,
    group?.config && { workers: workers!, byzantine: count!, weighted },
  );
  issues.push(...within(['attack'], [...attack.issues, ...withoutLabels(attack.config, kinds, input)]));

  if (issues.length > 0 || !group?.config) return { issues, group: wrongLambda ? undefined : group?.config };
  return {
    config: {
      ...group.config,
      schedule: schedule!,
      attack: attack.config!,
      ...chosen(values, own),
    },
    group: group.config,
    issues,
  };
}

function resolveGroup(
  count: number,
  lambda: number | undefined,
  workers: number,
  weighted: boolean,
): Resolved<Group> {
  const wrong = (path: string[], message: string) => ({ issues: [{ path, message }] });
  if (count >= workers) {
    return wrong(['count'], `invalid count: ${count} (expected fewer than the ${workers} workers)`);
  }
  if (count === 0 && lambda) {
    return wrong(['lambda'], `invalid lambda: ${lambda} (expected 0, as no worker is Byzantine: count is 0)`);
  }
  if (lambda === undefined && count / workers >= 0.5) {
    if (!weighted)
      return wrong(
        ['count'],
        `invalid count: ${count} (expected fewer than half of the ${workers} workers: no rule withstands more; ` +
          'to see that, give lambda, which rules are told instead)',
      );
    const reason = `${count} of ${workers} workers are Byzantine`;
    return wrong(
      [],
      `missing lambda: ${reason}; say which fraction of the updates is Byzantine, in [0, 0.5)`,
    );
  }
  return { config: { count, lambda: lambda ?? count / workers }, issues: [] };
}

function withoutLabels(
  attack: AttackConfig | undefined,
  kinds: Kinds,
  input: InputSpec | undefined,
): Issue[] {
  const definition = attack && kinds.attack.definitions.get(carriedOut(attack).attack);
  const flips = definition?.kind === 'estimator' && definition.labels === 'flipped';
  if (!flips || !input || input.classes > 0) return [];
  return [
    {
      path: [],
      message: `invalid attack: ${definition.name} (needs labels that are classes, and the data have none)`,
    },
  ];
}

/** The mode's own keys but those that say no, which is what their absence says. */
function chosen(values: Mapping, own: Keys): Mapping {
  return Object.fromEntries(
    Object.entries(pick(values, Object.keys(own))).filter(([, value]) => value !== false),
  );
}
