import { isMapping, type Mapping } from '../base/mapping.js';
import { axesOf, axis } from './axes.js';
import { shorthands, sweepKeys } from './schema.js';

/**
 * The keys that a config gives, as paths of its resolved form: `aggregator: {rule: cwmed, tie: upper}` gives
 * `aggregator.rule` and `aggregator.tie`. All others are defaults, which follow from these.
 *
 * @param raw as its file and the command line have it
 */
export function givenKeys(raw: Mapping): string[] {
  const own = Object.fromEntries(
    Object.entries(raw).filter(([key, value]) => value !== null && !Object.hasOwn(sweepKeys, key)),
  );
  const keys = [...axesOf(spellOut(own, []) as Mapping, '').keys()];
  return keys.filter((key) => key !== axis.hash && (key !== axis.split || Object.hasOwn(own, key)));
}

/** Names that stand for mappings, as those mappings; a data set stays a name, as resolved configs write it. */
function spellOut(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((entry) => spellOut(entry, [...path, '*']));
  const key = path[0] === 'dataset' ? undefined : shorthands[path.join('.')];
  const mapping = key !== undefined && typeof value === 'string' ? { [key]: value } : value;
  if (!isMapping(mapping)) return mapping;
  return Object.fromEntries(
    Object.entries(mapping).map(([name, entry]) => [
      name,
      path.length > 0 && name === key ? entry : spellOut(entry, [...path, name]),
    ]),
  );
}
