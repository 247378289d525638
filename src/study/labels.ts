import { basename } from 'node:path';
import type { Colour, Definition, Registry } from '../base/definition.js';
import { UserError } from '../base/errors.js';
import { axis, splitNumber, type Axes, type AxisValue } from '../config/axes.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { Column } from '../simulation/columns.js';
import { columnsOf } from '../simulation/mode.js';
import { parseQuantity, targetProblem, type Quantity } from '../thresholds/quantity.js';

/** By the last word of a key. */
const symbols: Readonly<Record<string, string>> = {
  lambda: 'λ',
  beta: 'β',
  gamma: 'γ',
  sigma: 'σ',
  alpha: 'α',
  epsilon: 'ε',
  rho: 'ρ',
  learningRate: 'learning rate',
  weightDecay: 'weight decay',
  at: 'milestones',
  dirichlet: 'Dirichlet α',
  batchSize: 'batch size',
  gatherEvery: 'T',
};

/** Of keys whose last word says too little. */
const phrases: Readonly<Record<string, string>> = {
  [axis.attack]: 'attack',
  [axis.as]: 'attack carried out',
  [axis.count]: 'Byzantine workers',
  [axis.serverAttack]: 'server attack',
  'servers.count': 'servers',
  'servers.byzantine': 'Byzantine servers',
  'servers.quorum': 'quorum of models',
  'network.delay.mean': 'mean delay',
};

/** Title of the axis that a column is drawn on, with its unit: "test accuracy (%)", "data sent (bytes)". */
export function columnTitle({ name, title = name.replaceAll('_', ' '), fraction, unit }: Column): string {
  const shown = fraction ? '%' : unit;
  return shown === undefined ? title : `${title} (${shown})`;
}

/** What a config's axis is called: "λ", "optimizer", "workers". */
export function axisTitle(path: string): string {
  if (Object.hasOwn(phrases, path)) return phrases[path];
  const words = path.split('.').filter((word) => word !== 'name' && !/^\d+$/.test(word));
  const last = words[words.length - 1];
  return symbols[last] ?? last;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How figures and tables write what a catalogue has, and in which colour. Other names are written as in configs. */
export class Labels {
  private readonly columns: ReadonlyMap<string, Column>;

  constructor(private readonly catalogue: Catalogue) {
    this.columns = new Map(columnsOf(catalogue.modes.values()).map((column) => [column.name, column]));
  }

  /** What is known of a column of metrics.csv. */
  column(name: string): Column {
    return this.columns.get(name) ?? { name };
  }

  /** A quantity as a column: "test accuracy (%)", "simulated time to 95 % test accuracy". */
  quantity(quantity: Quantity): Column {
    const column = this.column(quantity.column);
    if (quantity.row !== 'first') return column;
    const { value, column: name } = quantity.target;
    const { title = name.replaceAll('_', ' '), fraction } = this.column(name);
    const amount = fraction ? `${Number((100 * value).toPrecision(12))} %` : String(value);
    return { name: column.name, title: `${columnTitle(column)} to ${amount} ${title}`, better: 'smaller' };
  }

  /**
   * The quantity of a user's words, `time to test_accuracy 0.95`; nothing for other words.
   * @throws UserError for a target that is no value of its column
   */
  parseQuantity(text: string): Quantity | undefined {
    const columns = [...this.columns.values()];
    const quantity = parseQuantity(text, columns);
    const problem = quantity && targetProblem(quantity, columns);
    if (problem !== undefined) throw new UserError(problem);
    return quantity;
  }

  /** A value that explains itself stands alone, "sign-flip"; others come with their axis, "λ = 0.4". */
  value(path: string, value: AxisValue): string {
    if (path === axis.weighted) return value ? 'weighted' : 'unweighted';
    if (path === axis.meta) return value === 'none' ? 'no meta-aggregator' : this.meta(value);
    const split = path === axis.split ? splitNumber(String(value)) : undefined;
    if (split) return this.value(split.path, split.value);
    if (path === axis.hash) return String(value).slice(0, 8);
    if (typeof value !== 'string') return `${axisTitle(path)} = ${written(value)}`;
    return path.startsWith('dataset.') ? basename(value) : this.named(path, value);
  }

  /** A value that stands beside the name of its axis: "0.4" where `value` has "λ = 0.4". */
  plain(path: string, value: AxisValue): string {
    return typeof value === 'string' || path === axis.weighted ? this.value(path, value) : written(value);
  }

  /** "ω-CWMed + CTMA"; whether it is weighted and what is around it are left out unless asked for. */
  rule(axes: Axes, shown: { weighted: boolean; meta: boolean }): string {
    const rule = this.named(axis.rule, String(axes.get(axis.rule)));
    const name = `${shown.weighted && axes.get(axis.weighted) ? 'ω-' : ''}${rule}`;
    const meta = axes.get(axis.meta);
    return shown.meta && meta !== 'none' ? `${name} + ${this.meta(meta)}` : name;
  }

  /** What a step of a mode is called where all workers answer in every one; nothing where they arrive one by one. */
  inStep(mode: AxisValue): 'round' | 'step' | 'update' | undefined {
    const definition = this.catalogue.modes.get(String(mode));
    return definition?.workers === 'in-step' ? definition.unit : undefined;
  }

  /** What the steps of some runs are called: updates, rounds or steps; updates, too, where modes differ. */
  steps(runs: readonly { axes: Axes }[]): string {
    const units = new Set(
      runs.map(({ axes }) => this.catalogue.modes.get(String(axes.get(axis.mode)))?.unit),
    );
    const [unit = 'update'] = units.size === 1 ? units : [];
    return `${unit}s`;
  }

  /** The colour that a value of an axis has of its own. */
  colour(path: string, value: AxisValue): Colour | undefined {
    return this.definition(path, String(value))?.colour;
  }

  /** Where the value of an axis stands in the catalogue; Infinity if it is not there. */
  rank(path: string, value: AxisValue): number {
    const rank = [...(this.registry(path)?.keys() ?? [])].indexOf(String(value));
    return rank < 0 ? Infinity : rank;
  }

  private named(path: string, value: string): string {
    return this.definition(path, value)?.title ?? value;
  }

  private meta(meta: AxisValue): string {
    return String(meta)
      .split('+')
      .map((name) => this.named(axis.meta, name))
      .join(' + ');
  }

  private definition(path: string, name: string): Definition | undefined {
    return this.registry(path)?.get(name);
  }

  /** What the values of an axis name. */
  private registry(path: string): Registry | undefined {
    const { datasets, models, modes, clocks, aggregators, arrivalRules } = this.catalogue;
    const { metaAggregators, attacks, serverAttacks, optimizers } = this.catalogue;
    const registries: Readonly<Record<string, Registry>> = {
      dataset: datasets,
      'model.name': models,
      mode: modes,
      'arrival.process': clocks,
      [axis.rule]: new Map<string, Definition>([...aggregators, ...arrivalRules]),
      'aggregator.of': aggregators,
      [axis.meta]: metaAggregators,
      [axis.attack]: attacks,
      [axis.as]: attacks,
      [axis.serverAttack]: serverAttacks,
      'network.delay.process': clocks,
      [axis.optimizer]: optimizers,
    };
    return registries[path];
  }
}

/** 2/9 as 0.222222: the digits after that tell no two values of an axis apart that anyone chose. */
function written(value: AxisValue): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return value === undefined ? 'none' : String(value);
}
