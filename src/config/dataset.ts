import type { InputSpec } from '../data/dataset.js';
import { datasets } from '../data/index.js';
import { parsePoints } from '../data/points.js';
import { UserError } from '../errors.js';
import type { Config } from './config.js';
import { show } from './describe.js';
import type { LoadedFile } from './files.js';
import type { Path } from './issues.js';
import { isMapping, valueOf, type Mapping } from './mapping.js';
import type { Resolved } from './rules.js';
import { nearest } from './suggest.js';

/** A data set that a config chose, and what a model gets from it. */
export interface ChosenData {
  dataset: Config['dataset'];
  input: InputSpec;
}

/** A data set as configs write it: its name, or `{points: FILE}`. `points` is that file. */
export function resolveDataset(value: unknown, points: LoadedFile | undefined): Resolved<ChosenData> {
  const given: Mapping = isMapping(value) ? value : { name: value };
  const name = valueOf(given, 'name');
  const named = [...datasets.values()].filter(({ shape }) => shape).map((dataset) => dataset.name);
  const expected = `expected ${named.join(' | ')} | {points: FILE.csv}`;
  const wrong = (path: Path, message: string) => ({
    issues: [{ path, message, atKey: path[0] === strange }],
  });

  const strange = Object.keys(given).find((key) => key !== 'name' && key !== 'points');
  if (strange !== undefined) return wrong([strange], `unknown key: ${show(strange)} (${expected})`);
  if (valueOf(given, 'points') !== undefined) {
    if (name !== undefined) return wrong(['points'], `invalid dataset: a name and points (${expected})`);
    return resolvePoints(given.points, points);
  }
  if (name === undefined) return wrong([], `missing dataset: ${expected}`);
  if (typeof name !== 'string' || name === 'points') {
    return wrong(['name'], `invalid dataset: ${show(name)} (${expected})`);
  }
  const definition = datasets.get(name);
  if (!definition?.shape) {
    const guess = nearest(name, named);
    return wrong(['name'], `unknown dataset: ${show(name)} (${guess ? `did you mean ${guess}?` : expected})`);
  }
  const dataset = { name } as Config['dataset'];
  return { config: { dataset, input: { shape: definition.shape, classes: definition.classes } }, issues: [] };
}

function resolvePoints(value: unknown, points: LoadedFile | undefined): Resolved<ChosenData> {
  const wrong = (message: string) => ({ issues: [{ path: ['points'], message }] });
  if (!points) return wrong(`invalid points: ${show(value)} (expected a CSV file)`);
  if ('problem' in points) return wrong(points.problem);
  try {
    const [first] = parsePoints(points.text, points.file);
    const dataset = { name: 'points' as const, file: points.file };
    return { config: { dataset, input: { shape: [first.length], classes: 0 } }, issues: [] };
  } catch (error) {
    if (error instanceof UserError) return wrong(error.message);
    throw error;
  }
}
