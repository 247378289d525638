import type { Registry } from '../base/definition.js';
import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import type { Issue, Path } from '../base/issues.js';
import { valueOf, type Mapping } from '../base/mapping.js';
import {
  fileKeys,
  isUserFiles,
  type DatasetConfig,
  type DatasetDefinition,
  type UserFiles,
} from '../data/dataset.js';
import type { ChosenData } from './dataset.js';
import { parseParameters } from './parameters.js';
import type { Resolved } from './rules.js';

/** Where something lies that a config names, or why it is not to be found. */
export type Located = { file: string } | { problem: string };

/**
 * The data set of a mapping `{points: FILE}` or `{table: FILE, label: COLUMN}`, its files examined; nothing for a mapping
 * that names none of the user's.
 *
 * @param locate finds a file by its name in the config and what it is for
 */
export async function resolveUserData(
  given: Mapping,
  datasets: Registry<DatasetDefinition>,
  locate: (name: unknown, noun: string) => Promise<Located | undefined>,
): Promise<Resolved<ChosenData> | undefined> {
  const definition = [...datasets.values()].find(
    ({ name, input }) => isUserFiles(input) && valueOf(given, name) !== undefined,
  );
  if (!definition) return undefined;
  const { name } = definition;
  const input = definition.input as UserFiles;
  const { values, issues } = parseParameters(given, definition.parameters, name, [name, 'name']);
  const wrong = (path: Path, message: string) => issues.push({ path, message });
  const absolute = async (key: string, value: unknown): Promise<string | undefined> => {
    const located = await locate(value, key);
    if (located && 'file' in located) return located.file;
    wrong([key], located?.problem ?? `invalid ${key}: ${show(value)} (expected ${input.placeholder})`);
    return undefined;
  };
  const file = await absolute(name, given[name]);
  for (const key of fileKeys.filter((each) => typeof values[each] === 'string'))
    values[key] = await absolute(key, values[key]);
  if (issues.length > 0) return { issues };
  return examine({ name, file, ...values }, definition, input);
}

async function examine(
  dataset: DatasetConfig,
  definition: DatasetDefinition,
  files: UserFiles,
): Promise<Resolved<ChosenData>> {
  const wrong = (issue: Issue) => ({ issues: [issue] });
  try {
    const examined = await files.examine(dataset);
    if ('issue' in examined) return wrong(examined.issue);
    const { input, decided } = examined;
    return { config: { dataset: { ...dataset, ...decided }, definition, input }, issues: [] };
  } catch (error) {
    if (error instanceof UserError) return wrong({ path: [definition.name], message: error.message });
    throw error;
  }
}
