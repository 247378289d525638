import { show } from '../base/describe.js';
import { isMapping, type Mapping } from '../base/mapping.js';
import type { Path } from '../base/issues.js';
import { shorthands } from '../config/schema.js';
import type { AxisValue } from '../config/axes.js';

/**
 * A value of an axis as tables and progress show it. A mapping is its name and the rest, "momentum beta=0.9"; a list of
 * meta-aggregators is "nnm+ctma", or "none". Different values have different labels. Absent for null.
 */
export function labelOf(path: Path, value: unknown): AxisValue {
  if (value === null || value === undefined) return undefined;
  if (isMapping(value)) return labelOfMapping(path, value);
  if (Array.isArray(value)) {
    const parts = value.map((entry) => String(labelOf([...path, '*'], entry)));
    return path.join('.') === 'aggregator.meta' ? parts.join('+') || 'none' : `[${parts.join(', ')}]`;
  }
  return typeof value === 'string' ? oneLine(value) : (value as number | boolean);
}

function labelOfMapping(path: Path, mapping: Mapping): string {
  const name = shorthands[path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')];
  return Object.entries(mapping)
    .map(([key, value]) => {
      const label = String(labelOf([...path, key], value) ?? null);
      return key === name ? label : `${key}=${label}`;
    })
    .join(' ');
}

function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? show(text) : text;
}

/** What a resolved config has on a path, as a label: of a mapping with a name, the name alone. */
export function labelIn(config: unknown, path: Path): AxisValue {
  let value = config;
  for (const step of path)
    value = typeof value === 'object' && value !== null ? (value as Mapping)[step] : undefined;
  const key = shorthands[path.join('.')];
  const name = isMapping(value) && key ? value[key] : undefined;
  return labelOf(path, name ?? value);
}
