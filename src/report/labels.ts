import { basename } from 'node:path';
import { axis, type Axes, type AxisValue } from '../results/axes.js';

/** How the literature writes the names of configs. Names that are not here are written as in configs. */
const written: Readonly<Record<string, string>> = {
  cwmed: 'CWMed',
  'geometric-median': 'GM',
  'trimmed-mean': 'CWTM',
  'mean-around-median': 'MeaMed',
  krum: 'Krum',
  'multi-krum': 'Multi-Krum',
  bulyan: 'Bulyan',
  mda: 'MDA',
  monna: 'MoNNA',
  'centered-clipping': 'CC',
  smea: 'SMEA',
  caf: 'CAF',
  ctma: 'CTMA',
  nnm: 'NNM',
  arc: 'ARC',
  'mu2-sgd': 'μ²-SGD',
  sgd: 'SGD',
};

const symbols: Readonly<Record<string, string>> = {
  lambda: 'λ',
  beta: 'β',
  gamma: 'γ',
  sigma: 'σ',
  alpha: 'α',
  learningRate: 'learning rate',
  batchSize: 'batch size',
  count: 'Byzantine workers',
};

/** A column of metrics.csv as the title of an axis. */
const columns: Readonly<Record<string, string>> = {
  update: 'updates',
  time: 'simulated time',
  epoch: 'epochs',
  test_accuracy: 'test accuracy',
  train_loss: 'training loss',
  byzantine_share: 'Byzantine share',
  staleness_mean: 'mean staleness',
  staleness_max: 'greatest staleness',
};

const fractions = ['test_accuracy', 'byzantine_share'];

/** Columns that are fractions are drawn in percent. */
export function isFraction(column: string): boolean {
  return fractions.includes(column);
}

/** Title of the axis that a column is drawn on, with its unit: "test accuracy (%)". */
export function columnTitle(column: string): string {
  const title = columns[column] ?? column.replaceAll('_', ' ');
  return isFraction(column) ? `${title} (%)` : title;
}

/** What a config's axis is called: "λ", "optimizer", "workers". */
export function axisTitle(path: string): string {
  if (path === axis.attack) return 'attack';
  const words = path.split('.').filter((word) => word !== 'name' && !/^\d+$/.test(word));
  const last = words[words.length - 1];
  return symbols[last] ?? last;
}

/** A value that explains itself stands alone, "sign-flip"; others come with their axis, "λ = 0.4". */
export function valueLabel(path: string, value: AxisValue): string {
  if (path === axis.attack && value === 'none') return 'no attack';
  if (path === axis.weighted) return value ? 'weighted' : 'unweighted';
  if (path === axis.meta) return value === 'none' ? 'no meta-aggregator' : metaLabel(value);
  if (path === axis.hash) return String(value).slice(0, 8);
  if (typeof value !== 'string')
    return `${axisTitle(path)} = ${value === undefined ? 'none' : String(value)}`;
  return path.endsWith('.file') ? basename(value) : (written[value] ?? value);
}

/** A value that stands beside the name of its axis: "0.4" where `valueLabel` has "λ = 0.4". */
export function plainLabel(path: string, value: AxisValue): string {
  return typeof value === 'string' || path === axis.weighted
    ? valueLabel(path, value)
    : String(value ?? 'none');
}

/** "ω-CWMed + CTMA"; whether it is weighted and what is around it are left out unless asked for. */
export function ruleLabel(axes: Axes, shown: { weighted: boolean; meta: boolean }): string {
  const rule = String(axes.get(axis.rule));
  const meta = axes.get(axis.meta);
  const name = `${shown.weighted && axes.get(axis.weighted) ? 'ω-' : ''}${written[rule] ?? rule}`;
  return shown.meta && meta !== 'none' ? `${name} + ${metaLabel(meta)}` : name;
}

function metaLabel(meta: AxisValue): string {
  return String(meta)
    .split('+')
    .map((name) => written[name] ?? name)
    .join(' + ');
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
