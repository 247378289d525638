import type { Definition, Keys, Registry } from '../base/definition.js';
import { UserError } from '../base/errors.js';
import { nearest } from '../base/suggest.js';
import { legalValues, show, toJsonSchema } from '../base/describe.js';
import { isUserFiles, type DatasetDefinition } from '../data/dataset.js';
import { clockKeys, speeds } from '../simulation/arrivals.js';
import type { Catalogue } from '../simulation/catalogue.js';
import type { ModeDefinition } from '../simulation/mode.js';
import { aggregatorKeys } from './kinds.js';
import { noSplit, otherSplit } from './split.js';
import { keysInSections, otherArrivals } from './schema.js';

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
  /** Other words for it in the literature. */
  synonyms?: readonly string[];
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
export const lists = {
  aggregators: ({ aggregators, metaAggregators, arrivalRules }) => [
    { title: 'Rules (aggregator)', entries: entries(aggregators) },
    {
      title: 'Rules of messages one by one as they arrive (aggregator, in mode async)',
      entries: entries(arrivalRules),
    },
    { title: 'Around any rule (aggregator.meta)', entries: entries(metaAggregators) },
    keys('Keys of every aggregator', aggregatorKeys),
  ],
  attacks: ({ attacks, serverAttacks }) => [
    { title: 'Attacks (byzantine.attack)', entries: entries(attacks) },
    { title: 'Attacks of servers (servers.attack)', entries: entries(serverAttacks) },
  ],
  models: ({ models }) => [{ title: 'Models (model)', entries: entries(models) }],
  datasets: ({ datasets }) => [
    { title: 'Data sets (dataset)', entries: [...datasets.values()].map(datasetEntry) },
  ],
  splits: ({ splits }) => [
    {
      title: 'Training data over workers (split)',
      entries: [{ name: noSplit, summary: otherSplit, parameters: [] }, ...entries(splits)],
    },
  ],
  modes: ({ modes }) => [
    { title: 'Modes (mode)', entries: entries(modes) },
    ...keysOfModes([...modes.values()]),
  ],
  arrivals: ({ clocks }) => [
    {
      title: 'Who arrives when (arrival)',
      entries: Object.entries({ ...speeds, ...otherArrivals }).map(([name, summary]) => ({
        name,
        summary,
        parameters: [],
      })),
    },
    { title: 'Clocks (arrival.process)', entries: entries(clocks) },
    keys('Keys of every clock', clockKeys),
  ],
  optimizers: ({ optimizers }) => [{ title: 'Optimizers (optimizer)', entries: entries(optimizers) }],
} satisfies Record<string, (catalogue: Catalogue) => Section[]>;

/**
 * The entries that are called `name`, or by another word for it in the literature, each under its title.
 *
 * @param words what could have been meant besides a name
 * @throws UserError if nothing is called so, with the nearest word
 */
export function sectionsNaming(
  name: string,
  sections: readonly Section[],
  words: readonly string[] = [],
): Section[] {
  const named = (wanted: (entry: Entry) => boolean) =>
    sections.flatMap(({ title, entries }) => {
      const some = entries.filter(wanted);
      return some.length > 0 ? [{ title, entries: some }] : [];
    });
  const found = named((entry) => entry.name === name);
  const meant =
    found.length > 0 ? found : named(({ synonyms = [] }) => synonyms.includes(name.toLowerCase()));
  if (meant.length > 0) return meant;
  const names = sections.flatMap(({ entries }) =>
    entries.flatMap(({ name, synonyms = [] }) => [name, ...synonyms]),
  );
  const guess = nearest(name, [...words, ...names]);
  throw new UserError(
    `unknown name: ${name} (${guess ? `did you mean ${guess}?` : 'byzsim list shows every name'})`,
  );
}

/** Mappings that only some modes take, and what these add to those that all take. */
function keysOfModes(modes: readonly ModeDefinition[]): Section[] {
  return modes.flatMap(({ name, sections = [], byzantine = {} }) => [
    ...sections.map((section) => keys(`Keys of ${section}, in mode ${name}`, keysInSections[section])),
    ...(Object.keys(byzantine).length > 0
      ? [keys(`Further keys of byzantine, in mode ${name}`, byzantine)]
      : []),
  ]);
}

function entries(registry: Registry): Entry[] {
  return [...registry.values()].map(entryOf);
}

/** Keys as entries of their own. */
function keys(title: string, shape: Keys): Section {
  return {
    title,
    entries: parametersOf(shape).map(({ name, description = '', default: value }) => ({
      name,
      summary: value === undefined ? description : `${description} (default: ${show(value)})`,
      parameters: [],
    })),
  };
}

function entryOf(definition: Definition & { weighted?: boolean }): Entry {
  const { name, synonyms, summary, source, weighted, parameters, forms = {} } = definition;
  const ofForms = Object.entries(forms).flatMap(([form, shape]) =>
    parametersOf(shape).map((parameter) => ({
      ...parameter,
      description: `${parameter.description} (form ${form} only)`,
    })),
  );
  return { name, synonyms, summary, source, weighted, parameters: [...parametersOf(parameters), ...ofForms] };
}

function parametersOf(shape: Keys): ParameterEntry[] {
  return Object.entries(shape).map(([name, type]) => {
    const schema = toJsonSchema(type);
    return { name, default: schema.default, legal: legalValues(schema), description: schema.description };
  });
}

function datasetEntry({ name, summary, source, parameters, input, counts }: DatasetDefinition): Entry {
  const facts = [
    ...(isUserFiles(input)
      ? [input.written]
      : [input.shape.join('x'), input.classes > 0 && `${input.classes} classes`]),
    counts && `${counts.train} training and ${counts.test} test inputs`,
  ];
  return {
    name,
    summary: [summary, ...facts.filter(Boolean)].join('; '),
    source,
    parameters: parametersOf(parameters),
  };
}
