import { totalSize, type Model, type ModelDefinition } from '../models/model.js';
import type { ChosenData } from './dataset.js';
import { type Issue, type Path, within } from '../base/issues.js';
import { isMapping, type Mapping, valueOf } from '../base/mapping.js';
import type { Config } from './config.js';
import { maxParameters } from '../base/limits.js';
import { resolveNamed } from './named.js';
import { modelKeys, type Kinds } from './kinds.js';
import type { Resolved } from './rules.js';

/**
 * The model of a config and its starting point, which may stand in the model's mapping or at the top. `data` is absent
 * where the data set is itself wrong.
 */
export function resolveModel(
  raw: Mapping,
  { model: kind }: Kinds,
  data: ChosenData | undefined,
): Resolved<Pick<Config, 'model' | 'initial'>> & { built?: Model } {
  const value = valueOf(raw, 'model');
  const key = isMapping(value) && Object.hasOwn(value, 'model') ? 'model' : kind.key;
  const fallback = data?.definition.model;
  if (value === undefined && !fallback) return { issues: [] };
  const { definition, parameters, issues } = resolveNamed(value, { ...kind, key }, fallback);
  if (!definition || issues.length > 0) return { issues: within(['model'], issues) };

  const { initial: inner, ...own } = parameters as Mapping & { initial?: number[] };
  const outer = modelKeys.initial.safeParse(valueOf(raw, 'initial')).data;
  if (inner && outer) {
    const message = 'invalid key: initial (given at the top too; keep one)';
    return { issues: [{ path: ['model', 'initial'], message, atKey: true }] };
  }
  const initial = inner ?? outer;
  const config = { model: { name: definition.name, ...own }, ...(initial && { initial }) };
  if (!data) return { config, issues: [] };
  const need = unmetNeed(definition, data, kind);
  if (need) return { issues: [{ path: ['model'], message: need }] };
  const built = definition.create(own, data.input);
  const problem = misfit(built, initial, inner ? ['model', 'initial'] : ['initial']);
  return problem ? { issues: [problem] } : { config, built, issues: [] };
}

/** Why a model cannot take a data set. */
function unmetNeed(
  model: ModelDefinition,
  { dataset, input }: ChosenData,
  kind: Kinds['model'],
): string | undefined {
  const need = model.needs?.(input);
  if (!need) return undefined;
  const fitting = [...kind.definitions.values()].filter((other) => !other.needs?.(input));
  const names = fitting.map(({ name }) => name).join(', ');
  return `invalid model: ${model.name} (needs ${need}; ${dataset.name} fits ${names})`;
}

/** Why a model is too large, or cannot start at a point. */
function misfit(model: Model, initial: number[] | undefined, initialPath: Path): Issue | undefined {
  const size = totalSize(model.parameters);
  const count = (value: number) => value.toLocaleString('en');
  if (size > maxParameters) {
    const bound = `at most ${count(maxParameters)}: make it smaller`;
    return {
      path: ['model'],
      message: `invalid model: ${model.name} has ${count(size)} parameters (${bound})`,
    };
  }
  if (!initial || initial.length === size) return undefined;
  return {
    path: initialPath,
    message: `invalid initial: ${initial.length} numbers (expected d = ${size})`,
  };
}
