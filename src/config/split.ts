import type { Registry } from '../base/definition.js';
import { legalValues, show, toJsonSchema } from '../base/describe.js';
import { isMapping } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';
import type { InputSpec } from '../data/dataset.js';
import type { SplitConfig, SplitDefinition } from '../data/splits/split.js';
import type { Resolved } from './rules.js';

/** The word for no split at all, which is the default. */
export const noSplit = 'iid';
export const otherSplit = 'all workers draw from one stream of all training data';

/** How data are split over workers as configs write it: `iid`, a name, or `{NAME: VALUE}`; nothing for iid. */
export function resolveSplit(
  value: unknown,
  splits: Registry<SplitDefinition>,
  input: InputSpec | undefined,
): Resolved<{ split?: SplitConfig }> {
  const wrong = (message: string, path: string[] = []) => ({ issues: [{ path, message }] });
  const written = [...splits.values()].map(({ name, parameters }) =>
    Object.hasOwn(parameters, name) ? `{${name}: NUMBER}` : name,
  );
  const expected = `expected ${[noSplit, ...written].join(' | ')}`;
  if (value === undefined || value === null || value === noSplit) return { config: {}, issues: [] };

  const given = isMapping(value) ? value : typeof value === 'string' ? { [value]: undefined } : {};
  const [name, ...others] = Object.keys(given);
  if (name === undefined || others.length > 0) return wrong(`invalid split: ${show(value)} (${expected})`);
  const definition = splits.get(name);
  if (!definition) {
    const guess = nearest(name, [noSplit, ...splits.keys()]);
    return wrong(`unknown split: ${show(name)} (${guess ? `did you mean ${guess}?` : expected})`);
  }
  if (input && input.classes === 0)
    return wrong(`invalid split: ${name} (needs labels that are classes, and the data have none)`);
  if (!Object.hasOwn(definition.parameters, name))
    return isMapping(value)
      ? wrong(`invalid split: ${show(value)} (${name} takes no number; write split: ${name})`)
      : { config: { split: name }, issues: [] };
  const schema = definition.parameters[name];
  const parsed = schema.safeParse(given[name]);
  if (parsed.success) return { config: { split: { [name]: parsed.data as number } }, issues: [] };
  const legal = legalValues(toJsonSchema(schema));
  return isMapping(value)
    ? wrong(`invalid ${name}: ${show(given[name])} (expected ${legal})`, [name])
    : wrong(`missing ${name}: ${name} needs a number (write split: {${name}: ${legal}})`);
}
