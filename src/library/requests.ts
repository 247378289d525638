import { z } from 'zod';
import type { Keys, Values } from '../base/definition.js';
import { show } from '../base/describe.js';
import { UserError } from '../base/errors.js';
import type { Issue } from '../base/issues.js';
import type { Mapping } from '../base/mapping.js';
import { parseParameters } from '../config/parameters.js';

/** The values of a request's keys, defaults filled in. @throws UserError */
export function readRequest<K extends Keys>(request: Mapping, shape: K): Values<K> {
  const { values, issues } = parseParameters(request, shape, 'a request');
  refuse(issues);
  return values as Values<K>;
}

/** @throws UserError one sentence of all issues, if there are any */
export function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new UserError(issues.map((issue) => issue.message).join('; '));
}

/** Vectors as rows of one length. Numbers too large for float64, such as 1e999, are infinite. */
export const rowsShape = z.array(z.array(z.any())).superRefine((rows: unknown[][], context) => {
  const fault = faultOf(rows);
  if (fault) context.addIssue(fault);
}) as z.ZodType<number[][]>;

function faultOf(rows: readonly unknown[][]): string | undefined {
  if (rows.length === 0) return 'at least one vector is needed';
  for (const [i, row] of rows.entries()) {
    const wrong = row.find((value) => typeof value !== 'number');
    if (wrong !== undefined) return `vector ${i + 1} holds ${show(wrong)}, which is no number`;
    if (row.length === 0) return `vector ${i + 1} is empty`;
    if (row.length !== rows[0].length) {
      return `vector ${i + 1} is of length ${row.length}, vector 1 of length ${rows[0].length}`;
    }
  }
  return undefined;
}

/** One weight a vector, 1 each if none are given. @throws UserError */
export function checkedWeights(weights: readonly number[] | undefined, count: number): readonly number[] {
  if (weights === undefined) return new Array<number>(count).fill(1);
  if (weights.length !== count) {
    throw new UserError(
      `invalid weights: ${weights.length} of them (expected one for each of ${count} vectors)`,
    );
  }
  if (!weights.some((weight) => weight > 0))
    throw new UserError('invalid weights: all 0 (expected a positive sum)');
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 1e-290 && total < 1e290))
    throw new UserError(`invalid weights: they add up to ${total} (expected 1e-290 to 1e290)`);
  return weights;
}

export const weightsShape = z.array(z.number().min(0)).optional();
export const lambdaShape = z.number().min(0).lt(0.5).optional();
