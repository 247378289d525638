import type { Shape } from '../aggregators/aggregator.js';
import { datasets, type DatasetDefinition } from '../data/index.js';
import { speeds, speedSummaries } from '../simulation/arrival-definitions.js';
import { legalValues, toJsonSchema } from './describe.js';
import { aggregatorKeys, aggregatorKind, attackKind, metaKind } from './rules.js';
import { arrivalKind, modelKind, otherArrivals, optimizerKind } from './schema.js';

/** A parameter as `byzsim list` shows it. */
export interface ParameterEntry {
  name: string;
  /** Absent where there is none, or where the description tells it. */
  default?: unknown;
  /** The legal values in words: "integer in [1, 10]". */
  legal: string;
  description?: string;
}

export interface Entry {
  name: string;
  summary: string;
  source?: string;
  /** Whether a rule has a weighted form. */
  weighted?: boolean;
  parameters: ParameterEntry[];
}

export interface Section {
  /** What the entries are, and where a config names them. */
  title: string;
  entries: Entry[];
}

/** Everything that a config can name, by the word that `byzsim list` takes. */
export const catalogues: Readonly<Record<string, () => Section[]>> = {
  aggregators: () => [
    { title: 'Rules (aggregator)', entries: [...aggregatorKind.definitions.values()].map(entryOf) },
    { title: 'Around any rule (aggregator.meta)', entries: [...metaKind.definitions.values()].map(entryOf) },
    {
      title: 'Keys of every aggregator',
      entries: parametersOf(aggregatorKeys).map(({ name, description = '' }) => ({
        name,
        summary: description,
        parameters: [],
      })),
    },
  ],
  attacks: () => [
    { title: 'Attacks (byzantine.attack)', entries: [...attackKind.definitions.values()].map(entryOf) },
  ],
  models: () => [{ title: 'Models (model)', entries: [...modelKind.definitions.values()].map(entryOf) }],
  datasets: () => [{ title: 'Data sets (dataset)', entries: [...datasets.values()].map(datasetEntry) }],
  arrivals: () => [
    {
      title: 'Who arrives when (arrival)',
      entries: [
        ...speeds.map((name) => ({ name, summary: speedSummaries[name], parameters: [] })),
        ...Object.entries(otherArrivals).map(([name, summary]) => ({ name, summary, parameters: [] })),
      ],
    },
    { title: 'Clocks (arrival.process)', entries: [...arrivalKind.definitions.values()].map(entryOf) },
  ],
  optimizers: () => [
    { title: 'Optimizers (optimizer)', entries: [...optimizerKind.definitions.values()].map(entryOf) },
  ],
};

interface Definition {
  name: string;
  summary: string;
  source?: string;
  weighted?: boolean;
  parameters: Shape;
  forms?: Readonly<Record<string, Shape>>;
}

function entryOf({ name, summary, source, weighted, parameters, forms = {} }: Definition): Entry {
  const ofForms = Object.entries(forms).flatMap(([form, shape]) =>
    parametersOf(shape).map((parameter) => ({
      ...parameter,
      description: `${parameter.description} (form ${form} only)`,
    })),
  );
  return { name, summary, source, weighted, parameters: [...parametersOf(parameters), ...ofForms] };
}

function parametersOf(shape: Shape): ParameterEntry[] {
  return Object.entries(shape).map(([name, type]) => {
    const schema = toJsonSchema(type);
    return { name, default: schema.default, legal: legalValues(schema), description: schema.description };
  });
}

function datasetEntry({ name, summary, shape, classes, counts }: DatasetDefinition): Entry {
  const facts = [
    shape?.join('x'),
    classes > 0 && `${classes} classes`,
    counts && `${counts.train} training and ${counts.test} test inputs`,
  ];
  return { name, summary: [summary, ...facts.filter(Boolean)].join('; '), parameters: [] };
}
