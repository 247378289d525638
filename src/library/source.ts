import { basename } from 'node:path';
import { stringify } from 'yaml';
import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import { isMapping } from '../base/mapping.js';
import { parseSource, readSource, type Source } from '../config/source.js';

/** An experiment as programs give it: the path of a YAML file, or what such a file holds. */
export type ConfigLike = string | Readonly<Record<string, unknown>>;

/** What is read of an experiment, and the file that it is said to be in: of an object one named after it, here. */
export async function sourceOf(config: ConfigLike): Promise<{ file: string; source: Source }> {
  if (typeof config !== 'string' && !isMapping(config))
    throw new UserError(
      `invalid config: ${show(config)} (expected the path of a YAML file, or what one holds)`,
    );
  if (typeof config === 'string') return { file: config, source: await readSource(config) };
  const { name } = config;
  const file = `${typeof name === 'string' ? basename(name) : 'config'}.yaml`;
  // Problems are reported with the lines of this text.
  return { file, source: parseSource(stringify(config), file) };
}
