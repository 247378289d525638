import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import type { Issue, Path } from '../base/issues.js';
import { isMapping, valueOf, type Mapping } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';
import {
  isUserFile,
  type DatasetConfig,
  type DatasetDefinition,
  type InputSpec,
  type UserFile,
} from '../data/dataset.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { ConfigFiles } from './files.js';
import type { Resolved } from './rules.js';

/** A data set that a config chose, and what a model gets from it. */
export interface ChosenData {
  dataset: DatasetConfig;
  definition: DatasetDefinition;
  input: InputSpec;
}

/** A data set as configs write it: its name, or `{points: FILE}` for one that lies in a file of the user's. */
export function resolveDataset(
  value: unknown,
  { datasets }: Pick<Catalogue, 'datasets'>,
  files: ConfigFiles,
): Resolved<ChosenData> {
  const given: Mapping = isMapping(value) ? value : { name: value };
  const name = valueOf(given, 'name');
  const named: string[] = [];
  const inFiles: string[] = [];
  const written: string[] = [];
  for (const each of datasets.values()) {
    (isUserFile(each.input) ? inFiles : named).push(each.name);
    if (isUserFile(each.input)) written.push(`{${each.name}: ${each.input.placeholder}}`);
  }
  const expected = `expected ${[...named, ...written].join(' | ')}`;
  const wrong = (path: Path, message: string, atKey = false) => ({ issues: [{ path, message, atKey }] });

  const strange = Object.keys(given).find((key) => key !== 'name' && !inFiles.includes(key));
  if (strange !== undefined) return wrong([strange], `unknown key: ${show(strange)} (${expected})`, true);
  const inFile = inFiles.find((each) => valueOf(given, each) !== undefined);
  if (inFile !== undefined) {
    if (name !== undefined) return wrong([inFile], `invalid dataset: a name and ${inFile} (${expected})`);
    return resolveFile(given, datasets.get(inFile)!, files);
  }
  if (name === undefined) return wrong([], `missing dataset: ${expected}`);
  if (typeof name !== 'string' || inFiles.includes(name)) {
    return wrong(['name'], `invalid dataset: ${show(name)} (${expected})`);
  }
  const definition = datasets.get(name);
  if (!definition) {
    const guess = nearest(name, named);
    return wrong(['name'], `unknown dataset: ${show(name)} (${guess ? `did you mean ${guess}?` : expected})`);
  }
  return { config: { dataset: { name }, definition, input: definition.input as InputSpec }, issues: [] };
}

/** The data set of a mapping `{points: FILE}`. */
function resolveFile(
  given: Mapping,
  definition: DatasetDefinition,
  files: ConfigFiles,
): Resolved<ChosenData> {
  const { name } = definition;
  const input = definition.input as UserFile;
  const wrong = (message: string): { issues: Issue[] } => ({ issues: [{ path: [name], message }] });
  const loaded = files.dataset;
  if (!loaded) return wrong(`invalid ${name}: ${show(given[name])} (expected ${input.placeholder})`);
  if ('problem' in loaded) return wrong(loaded.problem);
  try {
    const { text, file } = loaded;
    return { config: { dataset: { name, file }, definition, input: input.read(text, file) }, issues: [] };
  } catch (error) {
    if (error instanceof UserError) return wrong(error.message);
    throw error;
  }
}
