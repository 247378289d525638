import { show } from '../base/describe.js';
import type { Path } from '../base/issues.js';
import { isMapping, valueOf, type Mapping } from '../base/mapping.js';
import { nearest } from '../base/suggest.js';
import { isUserFiles, type DatasetConfig, type DatasetDefinition, type InputSpec } from '../data/dataset.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { Resolved } from './rules.js';

/** A data set that a config chose, and what a model gets from it. */
export interface ChosenData {
  dataset: DatasetConfig;
  definition: DatasetDefinition;
  input: InputSpec;
}

/**
 * A data set as configs write it: its name, or `{points: FILE}` and its like for one in files of the user's.
 *
 * @param inUserFiles what such a mapping names, see resolveUserData
 */
export function resolveDataset(
  value: unknown,
  { datasets }: Pick<Catalogue, 'datasets'>,
  inUserFiles: Resolved<ChosenData> | undefined,
): Resolved<ChosenData> {
  const given: Mapping = isMapping(value) ? value : { name: value };
  const name = valueOf(given, 'name');
  const named: string[] = [];
  const inFiles: string[] = [];
  const written: string[] = [];
  for (const each of datasets.values()) {
    (isUserFiles(each.input) ? inFiles : named).push(each.name);
    if (isUserFiles(each.input)) written.push(each.input.written);
  }
  const expected = `expected ${[...named, ...written].join(' | ')}`;
  const wrong = (path: Path, message: string, atKey = false) => ({ issues: [{ path, message, atKey }] });

  const [inFile, other] = inFiles.filter((each) => valueOf(given, each) !== undefined);
  if (inFile !== undefined) {
    if (name !== undefined) return wrong([inFile], `invalid dataset: a name and ${inFile} (${expected})`);
    if (other !== undefined) return wrong([other], `invalid dataset: ${inFile} and ${other} (${expected})`);
    return inUserFiles!;
  }
  const strange = Object.keys(given).find((key) => key !== 'name' && !inFiles.includes(key));
  if (strange !== undefined) return wrong([strange], `unknown key: ${show(strange)} (${expected})`, true);
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
