import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Keys, Values } from '../../base/definition.js';
import type { Issue } from '../../base/issues.js';
import { isMapping, type Mapping } from '../../base/mapping.js';
import { fileProblem } from '../../base/file-problem.js';
import { show } from '../../base/describe.js';
import { parseParameters } from '../../config/parameters.js';
import { ExperimentError, UserError } from '../../base/errors.js';

/**
 * Answers JSON requests, one object a line of stdin, each with one JSON value a line of stdout, in order and as they
 * come; blank lines are passed over. A request that cannot be answered gets `null`, and a sentence with its line number
 * on stderr.
 *
 * @returns the exit status: 2 if there was such a request
 */
export async function answerRequests(answer: (request: Mapping) => Promise<string>): Promise<number> {
  let status = 0;
  let line = 0;
  // Node takes a folder for an empty file, and readline says nothing of errors.
  if (fstatSync(process.stdin.fd).isDirectory()) throw unreadable('it is a folder');
  let failure: unknown;
  process.stdin.on('error', (error) => (failure = error));
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    line++;
    if (text.trim() === '') continue;
    let reply = 'null';
    try {
      reply = await answer(parse(text));
    } catch (error) {
      if (!(error instanceof UserError || error instanceof ExperimentError)) throw error;
      process.stderr.write(`line ${line}: ${error.message}\n`);
      status = 2;
    }
    if (!process.stdout.write(`${reply}\n`)) await once(process.stdout, 'drain');
  }
  if (failure) throw unreadable(fileProblem(failure));
  return status;
}

function unreadable(problem: string): UserError {
  return new UserError(`cannot read standard input: ${problem}`);
}

function parse(text: string): Mapping {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch (error) {
    const hint = /\b(NaN|Infinity)\b/.test(text) ? ' (write 1e999 for a number that is not finite)' : '';
    throw new UserError(`invalid JSON: ${(error as Error).message}${hint}`);
  }
  if (!isMapping(request)) throw new UserError('invalid request: a JSON object is needed');
  return request;
}

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

/** A JSON array of numbers; infinite ones, which JSON has not, are written ±1e999 as they are read. */
export function numbers(values: ArrayLike<number>): string {
  return `[${Array.from(values, (value) => (Number.isFinite(value) ? String(value) : infinite(value))).join(',')}]`;
}

function infinite(value: number): string {
  return Number.isNaN(value) ? 'null' : value > 0 ? '1e999' : '-1e999';
}
