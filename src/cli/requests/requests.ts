import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isMapping, type Mapping } from '../../base/mapping.js';
import { fileProblem } from '../../base/file-problem.js';
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

/** A JSON array of numbers; infinite ones, which JSON has not, are written ±1e999 as they are read. */
export function numbers(values: ArrayLike<number>): string {
  return `[${Array.from(values, (value) => (Number.isFinite(value) ? String(value) : infinite(value))).join(',')}]`;
}

function infinite(value: number): string {
  return Number.isNaN(value) ? 'null' : value > 0 ? '1e999' : '-1e999';
}
