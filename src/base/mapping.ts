/** A mapping of keys to values, as YAML and JSON have them. */
export type Mapping = Record<string, unknown>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a key; a key that is set to null counts as not given. */
export function valueOf(mapping: Mapping, key: string): unknown {
  return Object.hasOwn(mapping, key) ? (mapping[key] ?? undefined) : undefined;
}

/** The values of some keys, of those that are there. */
export function pick(mapping: Mapping, keys: readonly string[]): Mapping {
  return Object.fromEntries(keys.filter((key) => key in mapping).map((key) => [key, mapping[key]]));
}
