import { totalSize, type ModelDefinition } from '../models/model.js';
import type { Config } from './config.js';
import type { ChosenData } from './dataset.js';
import { within, type Issue, type Path } from './issues.js';
import { isMapping, valueOf, type Mapping } from './mapping.js';
import { resolveNamed } from './named.js';
import type { Resolved } from './rules.js';
import { configKeys, defaultModel, modelKeys, modelKind } from './schema.js';

/**
 * The model of a config and its starting point, which may stand in the model's mapping or at the top. `data` is absent
 * where the data set is itself wrong.
 */
export function resolveModel(
  raw: Mapping,
  data: ChosenData | undefined,
): Resolved<Pick<Config, 'model' | 'initial'>> {
  const value = valueOf(raw, 'model');
  const key = isMapping(value) && Object.hasOwn(value, 'model') ? 'model' : modelKind.key;
  const fallback = data && defaultModel(data.dataset.name);
  if (value === undefined && !fallback) return { issues: [] };
  const { definition, parameters, issues } = resolveNamed(value, { ...modelKind, key }, modelKeys, fallback);
  if (!definition || issues.length > 0) return { issues: within(['model'], issues) };

  const { initial: inner, ...own } = parameters as Mapping & { initial?: number[] };
  const outer = configKeys.initial.safeParse(valueOf(raw, 'initial')).data;
  if (inner && outer) {
    const message = 'invalid key: initial (given at the top too; keep one)';
    return { issues: [{ path: ['model', 'initial'], message, atKey: true }] };
  }
  const initial = inner ?? outer;
  const problem = data && misfit(definition, own, data, initial, inner ? ['model', 'initial'] : ['initial']);
  if (problem) return { issues: [problem] };
  return { config: { model: { name: definition.name, ...own }, ...(initial && { initial }) }, issues: [] };
}

/** Why a model cannot take a data set or start at a point. */
function misfit(
  model: ModelDefinition,
  parameters: Mapping,
  { dataset, input }: ChosenData,
  initial: number[] | undefined,
  initialPath: Path,
): Issue | undefined {
  const need = model.needs?.(input);
  if (need) {
    const fitting = [...modelKind.definitions.values()].filter((other) => !other.needs?.(input));
    const names = fitting.map(({ name }) => name).join(', ');
    return {
      path: ['model'],
      message: `invalid model: ${model.name} (needs ${need}; ${dataset.name} fits ${names})`,
    };
  }
  if (!initial) return undefined;
  const size = totalSize(model.build(parameters, input).parameters);
  if (initial.length === size) return undefined;
  return {
    path: initialPath,
    message: `invalid initial: ${initial.length} numbers (expected d = ${size})`,
  };
}
