import type { z } from 'zod';

/** Keys of a mapping in a config: each with its type, bounds, default and a line of description. */
export type Keys = Record<string, z.ZodType>;

/** The values of such keys, defaults filled in. */
export type Values<K extends Keys> = z.output<z.ZodObject<K>>;

/** The colours of figures, in the order in which they are given to what has none of its own. */
export const colours = ['blue', 'amber', 'black', 'green', 'red', 'violet', 'wine', 'olive'] as const;
export type Colour = (typeof colours)[number];

/**
 * A thing that a config can name: a rule, an attack, a model, a data set. It says all that is known of it in one place,
 * beside what it does; configs, `byzsim list`, the schema and figures take it from there. Each kind adds what its things
 * do (`create`), and on what their bounds and defaults depend.
 */
export interface Definition<K extends Keys = Keys> {
  /** The name in configs, lower case with hyphens. */
  name: string;
  /** How the literature writes it, where otherwise: "CWMed". */
  title?: string;
  /** Other words for it in the literature, for "did you mean". */
  synonyms?: readonly string[];
  /** Its colour in figures, where it is free; others take what is left. */
  colour?: Colour;
  /** One line for `byzsim list`. */
  summary: string;
  /** Paper and equation, or the code whose convention it follows. */
  source?: string;
  parameters: K;
  /** Further parameters, by the value of the parameter `form`. */
  forms?: Readonly<Record<string, Keys>>;
  /** Path of the file that exports it as its default; absent for what comes with byzsim. */
  module?: string;
}

const kind = Symbol.for('byzsim.kind');

/** Marks a definition as one of an aggregator, an attack, ..., by which a module's export is known. */
export function ofKind<D extends object>(noun: string, definition: D): D {
  return Object.defineProperty(definition, kind, { value: noun });
}

/** What a value is the definition of; nothing where it is none. */
export function kindOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && kind in value ? (value[kind] as string) : undefined;
}

/** The things of one kind, by name, in the order they are listed. */
export type Registry<D extends Definition = Definition> = ReadonlyMap<string, D>;

/** @throws TypeError where two things have one name */
export function registry<D extends Definition>(definitions: readonly D[]): Registry<D> {
  const named = new Map(definitions.map((definition) => [definition.name, definition]));
  const twice = definitions.find((definition) => named.get(definition.name) !== definition);
  if (twice) throw new TypeError(`two definitions are named ${twice.name}`);
  return named;
}
