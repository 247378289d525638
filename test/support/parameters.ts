import type { z } from 'zod';
import type { Keys } from '../../src/base/definition.js';
import { toJsonSchema } from '../../src/base/describe.js';

/** A legal value of each parameter that has no default: what a config must say to take the definition. */
export function someParameters(parameters: Keys): Record<string, unknown> {
  const required = Object.entries(parameters).filter(([, schema]) => !schema.safeParse(undefined).success);
  return Object.fromEntries(required.map(([name, schema]) => [name, someValue(schema)]));
}

/** Large radii and small counts, of which every rule makes something. */
function someValue(schema: z.ZodType): unknown {
  const { type, enum: words = [], minimum, maximum } = toJsonSchema(schema);
  const numbers = type === 'integer' ? [minimum, 1] : [maximum, 1000, 1, 0.1];
  const legal = [...words, ...numbers, true].find(
    (value) => value !== undefined && schema.safeParse(value).success,
  );
  if (legal === undefined) throw new Error('a parameter needs a value: describe the rule in the test');
  return legal;
}
