import { UserError } from '../base/errors.js';
import { show } from '../base/describe.js';
import { placeOf } from '../base/modules/place.js';
import type { Stack, Vector, Vectors } from '../compute/vectors/vectors.js';

/** A function of the user's, its file, and what it is called in messages: "its rule". */
export interface Written {
  call: (...given: never[]) => unknown;
  file: string;
  noun: string;
}

/** A function that is a part of an object of the user's. */
export function partOf(owner: object, name: string, file: string): Written {
  return { call: (owner as Record<string, Written['call']>)[name], file, noun: name };
}

/** @throws UserError that says where the function stands and what it returned */
export function refuse(written: Written, returned: string, expected: string): never {
  fail(written, `${written.noun} returned ${returned} (expected ${expected})`);
}

/** @throws UserError that says where the function stands, and what is wrong */
export function fail({ call, file }: Written, problem: string): never {
  const place = (typeof call === 'function' && placeOf(call)) || file;
  throw new UserError(`invalid module: ${place}: ${problem}`);
}

/** What is asked of a vector. */
interface VectorNeeds {
  /** Whether its numbers have to be finite. */
  finite: boolean;
  /** Vectors that belong to others. */
  given?: readonly Vector[];
  /** In the words of a sentence. */
  expected?: string;
}

/** In the words of a sentence. */
export function vectorOf({ dimension }: Vectors, how = 'messages.combine(...)'): string {
  return `a vector of ${dimension} numbers, such as ${how}`;
}

/**
 * What a function returned, if it is a vector of the right length. One that belongs to others is copied, for who gets a new
 * vector frees it.
 */
export function requireVector(
  returned: unknown,
  written: Written,
  vectors: Vectors,
  { finite, given = [], expected = vectorOf(vectors) }: VectorNeeds,
): Vector {
  const { dimension } = vectors;
  const vector = returned as Partial<Vector> | null | undefined;
  if (typeof vector !== 'object' || typeof vector?.dimension !== 'number')
    return refuse(written, describe(returned), expected);
  if (typeof (vector as Partial<Stack>).row === 'function')
    return refuse(written, 'a stack of vectors', expected);
  if (vector.dimension !== dimension)
    return refuse(written, `a vector of ${vector.dimension} numbers`, expected);
  if (finite && !vectors.isFinite(vector as Vector))
    return refuse(written, 'numbers that are not finite', 'finite ones, as those that it was given');
  return given.includes(vector as Vector) ? vectors.combine([1], [vector as Vector]) : (vector as Vector);
}

/** What a function returned, if it is an object with these functions. */
export function requireFunctions<T extends object>(
  returned: T,
  written: Written,
  names: readonly (keyof T & string)[],
): T {
  const missing = names.find((name) => typeof (returned as Partial<T> | undefined)?.[name] !== 'function');
  if (missing !== undefined)
    refuse(written, describe(returned), `an object with the functions ${names.join(', ')}`);
  return returned;
}

/** What a function returned, if it is one. */
export function requireFunction<T>(returned: T, written: Written): T {
  if (typeof returned !== 'function') refuse(written, describe(returned), 'a function');
  return returned;
}

/** "undefined", "a function", "an array", "an object without …": values as sentences have them. */
export function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (value instanceof Promise) return 'a promise';
  return show(value);
}
